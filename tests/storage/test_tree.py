"""Versions, branches, forks: what a tree of messages can be made to do."""

import pytest
from histories import PARAMS, REPLY, Talk
from msgspec import structs

from chatapp.chat import Attachment, new_id
from chatapp.errors import StorageError
from chatapp.storage.records import StoredMessage
from chatapp.storage.store import ConversationStore


class Grown(Talk):
    """question -> first -> follow-up -> last, and second beside first."""

    def __init__(self, store: ConversationStore) -> None:
        super().__init__(store, system_prompt="Be brief.", params=PARAMS)
        self.question = self.ask("Question")
        self.second = self.answer(self.question, "two")
        self.first = self.answer(self.question, "one")
        self.follow_up = self.ask("And then?", self.first)
        self.last = self.answer(self.follow_up, "three")

    def texts(self) -> list[str]:
        return [message.content for message in self.messages()]

    def messages(self) -> tuple[StoredMessage, ...]:
        return self.store.open_conversation(self.id).result().path()


@pytest.fixture
def talk(store: ConversationStore) -> Grown:
    return Grown(store)


def test_a_deleted_branch_gives_way_to_the_version_beside_it_and_comes_back(
    store: ConversationStore, talk: Grown
) -> None:
    before = store.open_conversation(talk.id).result()
    assert store.delete_branch(talk.first).result() == talk.second
    assert talk.texts() == ["Question", "two"]
    assert len(store.open_conversation(talk.id).result().messages) == 2
    assert store.restore_branch(talk.first).result() == talk.last
    assert store.open_conversation(talk.id).result() == before


def test_a_deleted_branch_without_versions_leaves_what_is_above_it(
    store: ConversationStore, talk: Grown
) -> None:
    assert store.delete_branch(talk.follow_up).result() == talk.first
    assert talk.texts() == ["Question", "one"]


def test_deleting_what_is_not_on_show_changes_nothing_that_is(
    store: ConversationStore, talk: Grown
) -> None:
    assert store.delete_branch(talk.second).result() == talk.last
    assert talk.texts() == ["Question", "one", "And then?", "three"]


def test_a_branch_deleted_earlier_stays_deleted_when_one_around_it_comes_back(
    store: ConversationStore, talk: Grown
) -> None:
    store.delete_branch(talk.last).result()
    store.delete_branch(talk.first).result()
    assert store.restore_branch(talk.first).result() == talk.follow_up
    assert talk.texts() == ["Question", "one", "And then?"]
    store.restore_branch(talk.last).result()
    assert talk.texts() == ["Question", "one", "And then?", "three"]


def test_a_conversation_whose_messages_are_all_deleted_is_not_listed_until_they_are_back(
    store: ConversationStore, talk: Grown
) -> None:
    listed = store.list_conversations().result()
    assert store.delete_branch(talk.question).result() is None
    assert talk.texts() == []
    assert store.list_conversations().result() == ()
    store.restore_branch(talk.question).result()
    assert store.list_conversations().result() == listed


def test_nothing_can_be_added_to_or_shown_of_what_is_deleted(
    store: ConversationStore, talk: Grown
) -> None:
    store.delete_branch(talk.first).result()
    before = store.open_conversation(talk.id).result()
    refused = [
        store.add_user_message(new_id(), talk.id, talk.last, "Further"),
        store.start_reply(
            new_id(), talk.id, talk.follow_up, model_path="", model_name="", params=PARAMS
        ),
        store.set_leaf(talk.id, talk.last),
        store.delete_branch(talk.first),
        store.fork(talk.id, talk.last, new_id()),
        store.delete_branch("unknown"),
        store.restore_branch("unknown"),
    ]
    for future in refused:
        with pytest.raises(StorageError, match=r"deleted|not in the history"):
            future.result()
    assert store.open_conversation(talk.id).result() == before


def test_a_reply_of_a_deleted_branch_is_finished_all_the_same(
    store: ConversationStore, talk: Grown
) -> None:
    reply = talk.start(talk.question)
    store.append_chunk(reply, "Half").result()
    store.delete_branch(reply).result()
    store.append_chunk(reply, " and whole").result()
    store.finish_reply(reply, status="complete").result()
    store.restore_branch(reply).result()
    assert talk.texts() == ["Question", "Half and whole"]


def test_the_users_wording_of_a_reply_is_a_version_beside_it(
    store: ConversationStore, talk: Grown
) -> None:
    edited = new_id()
    store.add_edited_reply(edited, talk.id, talk.first, "one, better").result()
    conversation = store.open_conversation(talk.id).result()
    message = conversation.path()[-1]
    assert (message.id, message.content, message.edited) == (edited, "one, better", True)
    assert (message.role, message.status, message.model_name) == ("assistant", "complete", "Small")
    assert conversation.versions(edited) == (talk.second, talk.first, edited)
    with pytest.raises(StorageError, match="reply is not in the history"):
        store.add_edited_reply(new_id(), talk.id, talk.question, "no reply").result()


def test_a_reply_can_be_continued_as_a_version_that_begins_with_its_text(
    store: ConversationStore, talk: Grown
) -> None:
    reply = new_id()
    store.start_reply(
        reply,
        talk.id,
        talk.question,
        model_path="/m",
        model_name="M",
        params=PARAMS,
        content="Once upon",
        reasoning="Hm. ",
    ).result()
    assert talk.texts()[-1] == "Once upon"
    store.append_chunk(reply, " a time", "Yes.").result()
    store.finish_reply(reply, status="complete", reply=REPLY).result()
    message = talk.messages()[-1]
    assert (message.content, message.reasoning) == ("Once upon a time", "Hm. Yes.")


def test_a_message_can_be_kept_in_every_prompt(store: ConversationStore, talk: Grown) -> None:
    store.set_keep(talk.question, True).result()
    assert [message.keep for message in talk.messages()] == [True, False, False, False]
    store.set_keep(talk.question, False).result()
    assert not any(message.keep for message in talk.messages())


def test_attachments_come_back_with_their_message(store: ConversationStore) -> None:
    talk = Talk(store)
    files = (Attachment("notes.txt", "All\nof it"), Attachment("a.pdf", "Page", "application/pdf"))
    store.add_user_message(new_id(), talk.id, None, "", files).result()
    conversation = store.open_conversation(talk.id).result()
    (message,) = conversation.messages
    assert (message.content, message.attachments) == ("", files)
    assert conversation.title == "notes.txt, a.pdf"


def test_a_fork_is_the_path_down_to_a_message_in_a_conversation_of_its_own(
    store: ConversationStore, talk: Grown
) -> None:
    store.set_keep(talk.first, True).result()
    before = store.open_conversation(talk.id).result()
    new = new_id()
    store.fork(talk.id, talk.follow_up, new, "Another way").result()

    fork = store.open_conversation(new).result()
    assert fork.title == "Another way"
    assert (fork.system_prompt, fork.params) == ("Be brief.", PARAMS)
    originals = before.path()[:3]
    assert len(fork.messages) == 3
    for copy, original in zip(fork.path(), originals, strict=True):
        assert copy.id != original.id
        assert original == structs.replace(
            copy,
            id=original.id,
            conversation_id=talk.id,
            parent_id=original.parent_id,
            left_out=original.left_out,
        )
    assert store.open_conversation(talk.id).result() == before
    assert [line.id for line in store.list_conversations().result()] == [new, talk.id]
    store.add_user_message(new_id(), new, fork.leaf_id, "Further").result()
    assert len(store.search("Question").result()) == 3  # a title and two messages


def test_a_fork_without_a_title_has_that_of_the_original(
    store: ConversationStore, talk: Grown
) -> None:
    new = new_id()
    store.fork(talk.id, talk.question, new).result()
    assert store.open_conversation(new).result().title == "Question"
    with pytest.raises(StorageError, match="there already"):
        store.fork(talk.id, talk.question, new).result()


def test_a_reply_being_written_cannot_be_forked(store: ConversationStore, talk: Grown) -> None:
    reply = talk.start(talk.question)
    with pytest.raises(StorageError, match="Stop it first"):
        store.fork(talk.id, reply, new_id()).result()
    assert len(store.list_conversations().result()) == 1
