"""What lies unsent in one conversation, as a person has it lying on a desk. No Qt, no disk."""

from collections.abc import Sequence

from msgspec import Struct

from chatapp.chat import Attachment
from chatapp.storage.records import Draft


class Desk(Struct):
    """What lies unsent in the conversation of that id."""

    conversation_id: str
    apart_id: str = ""  # where it is kept while the draft of its conversation cannot be read
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    queue: tuple[Draft, ...] = ()
    readings: dict[str, str] = {}  # names of files by id of the reading

    def unsent(self) -> Draft:
        """All of it as one draft: the queue first, as it would have been sent."""
        return _joined([*self.queue, Draft(self.text, self.attachments)])

    @property
    def draft_id(self) -> str:
        """The conversation whose draft it is kept as."""
        return self.apart_id or self.conversation_id

    def put_before(self, draft: Draft) -> None:
        """Put a draft before what is typed and attached."""
        joined = _joined([draft, Draft(self.text, self.attachments)])
        self.text, self.attachments = joined.text, joined.attachments

    def take_attachment(self, number: int) -> Attachment:
        """Take one of what is attached away."""
        attachment = self.attachments[number]
        self.attachments = (*self.attachments[:number], *self.attachments[number + 1 :])
        return attachment

    def take_from_queue(self, number: int) -> Draft:
        """Take one of the messages that wait out of the queue."""
        draft = self.queue[number]
        self.queue = (*self.queue[:number], *self.queue[number + 1 :])
        return draft

    def put_into_queue(self, number: int, draft: Draft) -> None:
        """Have a message wait at that place."""
        self.queue = (*self.queue[:number], draft, *self.queue[number:])


def _joined(drafts: Sequence[Draft]) -> Draft:
    texts = [draft.text for draft in drafts if draft.text]
    attachments = [attachment for draft in drafts for attachment in draft.attachments]
    return Draft("\n\n".join(texts), tuple(attachments))
