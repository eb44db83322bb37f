from chatapp.chat import Attachment, Message, Timings, Usage
from chatapp.gui.conversations import (
    last_left_out,
    last_usage,
    prompt_messages,
    revision,
    token_length,
    versions,
    with_change,
    with_message,
)
from chatapp.storage.records import StoredConversation, StoredMessage


def stored(message_id: str, parent_id: str | None, **facts: object) -> StoredMessage:
    defaults = {"role": "user", "content": message_id, "status": "complete", "created_at": ""}
    return StoredMessage(
        id=message_id, conversation_id="c", parent_id=parent_id, **(defaults | facts)
    )


def conversation_of(*messages: StoredMessage, system_prompt: str = "") -> StoredConversation:
    return StoredConversation(
        id="c",
        title="",
        system_prompt=system_prompt,
        params=None,
        model_path="",
        leaf_id=messages[-1].id,
        messages=messages,
    )


def test_replies_go_back_as_ids_only_to_the_model_that_wrote_them() -> None:
    facts = {"role": "assistant", "ids": (1, 2, 3, 4), "reasoning_tokens": 2, "model_path": "a"}
    conversation = conversation_of(stored("q", None), stored("r", "q", **facts), stored("s", "r"))
    own = prompt_messages(conversation, "a")
    other = prompt_messages(conversation, "b")
    assert [message.ids for message in own] == [(), (3, 4), ()]
    assert [message.ids for message in other] == [(), (), ()]
    assert own[1] == Message(role="assistant", content="r", id="r", ids=(3, 4))


def test_system_prompt_comes_first_and_failed_replies_not_at_all() -> None:
    failed = stored("r", "q", role="assistant", content="", status="error")
    conversation = conversation_of(
        stored("q", None), failed, stored("s", "r"), system_prompt="Be brief."
    )
    assert [message.content for message in prompt_messages(conversation, "a")] == [
        "Be brief.",
        "q",
        "s",
    ]


def test_what_the_last_reply_left_out_stays_out() -> None:
    path = (
        stored("q", None),
        stored("r", "q", role="assistant", finish_reason="stop", left_out=("x",)),
        stored("s", "r"),
        stored("t", "s", role="assistant", status="error"),
        stored("u", "t"),
    )
    assert last_left_out(path) == ("x",)
    assert last_left_out(path[:1]) == ()


def test_messages_with_the_same_parent_are_versions_of_one_another() -> None:
    conversation = conversation_of(stored("q", None), stored("r", "q"), stored("s", "q"))
    assert versions(conversation) == {"q": ("q",), "r": ("r", "s"), "s": ("r", "s")}


def test_a_message_put_in_becomes_the_leaf_and_takes_the_place_of_what_it_was() -> None:
    conversation = with_message(conversation_of(stored("q", None)), stored("r", "q"))
    finished = stored("r", "q", content="all of it")
    conversation = with_message(conversation, finished)
    assert conversation.path() == (stored("q", None), finished)


def test_usage_is_that_of_the_last_reply_that_came_to_its_end() -> None:
    usage = Usage(prompt_tokens=5, cached_tokens=0, completion_tokens=3)
    timings = Timings(prompt_s=1.0, generation_s=1.0, first_token_s=1.0)
    done = stored("r", "q", role="assistant", usage=usage, timings=timings)
    failed = stored("t", "s", role="assistant", status="error")
    conversation = conversation_of(stored("q", None), done, stored("s", "r"), failed)
    assert last_usage(conversation) == (usage, timings)
    assert last_usage(conversation_of(stored("q", None))) is None


def test_a_revision_is_a_version_that_keeps_what_was_attached() -> None:
    question = stored("q", None, attachments=(Attachment("a.txt", "text"),))
    revised = revision(question, "other\0 words")
    assert (revised.parent_id, revised.content) == (None, "other words")
    assert revised.attachments == question.attachments
    assert not revised.edited
    reply = stored("r", "q", role="assistant", ids=(1, 2), model_name="M")
    revised = revision(reply, "better")
    assert (revised.edited, revised.ids, revised.model_name) == (True, (), "M")


def test_what_is_attached_and_what_is_kept_reach_the_model() -> None:
    attached = stored("q", None, keep=True, attachments=(Attachment("a.txt", "text"),))
    (message,) = prompt_messages(conversation_of(attached), "m")
    assert message.keep
    assert "a.txt" in message.content
    assert message.content.endswith("q")


def test_a_changed_message_stays_in_its_place() -> None:
    conversation = conversation_of(stored("q", None), stored("r", "q"))
    changed = with_change(conversation, stored("q", None, keep=True))
    assert [message.id for message in changed.messages] == ["q", "r"]
    assert changed.path()[0].keep
    assert changed.leaf_id == "r"


def test_the_length_of_a_token_is_learnt_from_the_last_reply() -> None:
    reply = stored("r", "q", role="assistant", content="x" * 30, ids=tuple(range(10)))
    assert token_length([stored("q", None), reply]) == 3.0
    assert token_length([]) == 4.0
