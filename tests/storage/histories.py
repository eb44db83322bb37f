"""Conversations for the tests of the history, written through its public doors."""

from chatapp.chat import GenerationParams, Timings, Usage, new_id
from chatapp.storage.records import ReplyRecord
from chatapp.storage.store import ConversationStore

PARAMS = GenerationParams(temperature=0.2, seed=7, stop=("###",))
REPLY = ReplyRecord(
    finish_reason="stop",
    usage=Usage(prompt_tokens=9, cached_tokens=4, completion_tokens=3),
    timings=Timings(prompt_s=0.1, generation_s=0.2, first_token_s=0.15),
    ids=(0, 5, 2**31 - 1),
    reasoning_tokens=1,
    left_out=("a", "b"),
    seed=2**32 - 1,
    template_sha256="ab12",
    logprobs=b"\x00\x01",
    model_sha256="cd34",
    engine_build="0.3.36",
)


class Talk:
    """One conversation being written; each method waits until the history has it."""

    def __init__(self, store: ConversationStore, **fields: object) -> None:
        self.store = store
        self.id = new_id()
        store.create_conversation(self.id, **fields).result()

    def ask(self, content: str, parent: str | None = None) -> str:
        message = new_id()
        self.store.add_user_message(message, self.id, parent, content).result()
        return message

    def start(self, parent: str, model_name: str = "Small") -> str:
        reply = new_id()
        self.store.start_reply(
            reply, self.id, parent, model_path="/m/s.gguf", model_name=model_name, params=PARAMS
        ).result()
        return reply

    def answer(self, parent: str, *chunks: str) -> str:
        reply = self.start(parent)
        for chunk in chunks:
            self.store.append_chunk(reply, chunk).result()
        self.store.finish_reply(reply, status="complete", reply=REPLY).result()
        return reply
