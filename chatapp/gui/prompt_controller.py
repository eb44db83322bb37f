"""PromptController: owns what is typed and not yet sent: drafts, attachments, the queue.

What is typed in a conversation stays with it. On the disk all of it is one draft, at most a second
old, so that the end of the program, whatever its kind, loses none of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, SignalInstance
from PySide6.QtWidgets import QFileDialog

from chatapp import paths
from chatapp.chat import Attachment
from chatapp.gui.attachment_reader import AttachmentReader
from chatapp.gui.attachments import ReadFile
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat_controller import ChatController
from chatapp.gui.history import History
from chatapp.gui.prompt_library import PromptLibrary
from chatapp.storage.records import Draft, StoredMessage

_SAVE_MS = 500
_MOST_ATTACHMENTS = 20


@dataclass
class _Desk:
    """What lies unsent in one conversation."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    queue: tuple[Draft, ...] = ()
    readings: dict[str, str] = field(default_factory=dict)  # names of files by id of the reading

    def unsent(self) -> Draft:
        """All of it as one draft: the queue first, as it would have been sent."""
        return _joined([*self.queue, Draft(self.text, self.attachments)])


class PromptController(QObject):
    """Keeps what is typed, and hands it to the ChatController when its time has come.

    Signals:
        attachments_changed: What is attached now, a tuple of `Attachment`.
    """

    attachments_changed = Signal(object)

    def __init__(
        self, page: ChatPage, history: History, chat: ChatController, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._box = page.prompt_box
        self._history = history
        self._chat = chat
        self._library = PromptLibrary(page, paths.config_dir() / "prompts.toml", self)
        self._reader = AttachmentReader(self)
        self._id = chat.conversation.id
        self._new_id = self._id  # the conversation never begun, whose desk every new one takes over
        self._desks = {self._id: _Desk()}
        self._awaited: set[str] = set()  # conversations whose draft is on its way
        self._sending: Draft | None = None
        self._is_unsaved = False
        self._is_showing = False
        self._n_recalled = 0  # how many messages of the user back; 0 is what is being written
        self._timer = QTimer(self, interval=_SAVE_MS, singleShot=True)
        self._connect()

    def start(self) -> None:
        """Bring back what was typed in a conversation that was never begun."""
        self._history.last_new_draft()

    def attach(self, files: Sequence[str]) -> None:
        """Read files and attach them to the message being written."""
        desk = self._desk
        free = _MOST_ATTACHMENTS - len(desk.attachments) - len(desk.readings)
        if len(files) > free:
            text = self.tr("A message can have {} attachments. The others were left out.")
            self._page.show_notice(text.format(_MOST_ATTACHMENTS))
        for file in files[: max(0, free)]:
            desk.readings[self._reader.read(file)] = Path(file).name
        self._show_attachments()

    def take_back(self, message: StoredMessage) -> None:
        """Put a message of the conversation on show back into the prompt, to be changed."""
        self._put_before(self._id, Draft(message.content, message.attachments))
        self._save(self._id)
        self._page.focus_prompt()

    def close(self) -> None:
        """Keep what is typed, whatever is still to be read or sent."""
        self._reader.close()
        self._put_away()
        for signal, slot in self._answers():  # some come once the history is closed
            signal.disconnect(slot)

    def _connect(self) -> None:
        page, box, reader = self._page, self._box, self._reader
        page.send_requested.connect(self._on_send)
        box.edit.textChanged.connect(self._on_text_changed)
        box.edit.files_pasted.connect(self.attach)
        box.edit.long_text_pasted.connect(self._on_long_text)
        box.edit.recall_requested.connect(self._on_recall)
        box.edit.recall_ended.connect(lambda: self._box.set_text(""))
        box.attach_requested.connect(self._choose_files)
        box.busy_changed.connect(self._show_queue)
        box.chips.open_requested.connect(self._open_attachment)
        box.chips.text_requested.connect(self._put_into_text)
        box.chips.remove_requested.connect(self._remove_attachment)
        box.chips.cancel_requested.connect(self._cancel_reading)
        page.queue_bar.send_requested.connect(self._send_next)
        page.queue_bar.edit_requested.connect(self._take_from_queue)
        page.queue_bar.remove_requested.connect(self._remove_from_queue)
        self._history.draft_loaded.connect(self._on_draft_loaded)
        self._history.new_draft_found.connect(self._on_new_draft_found)
        self._history.erased.connect(self._forget)
        for signal, slot in self._answers():
            signal.connect(slot)
        reader.progressed.connect(self._on_progress)
        reader.finished.connect(self._on_read)
        reader.failed.connect(self._on_not_read)
        self._timer.timeout.connect(self._put_away)

    def _answers(self) -> Sequence[tuple[SignalInstance, Callable[[str], None]]]:
        return (
            (self._chat.shown, self._on_shown),
            (self._chat.sent, self._on_sent),
            (self._chat.refused, self._on_refused),
            (self._chat.became_free, self._on_free),
        )

    @property
    def _desk(self) -> _Desk:
        return self._desks[self._id]

    # ---- drafts ----

    def _on_text_changed(self) -> None:
        if not self._is_showing:
            self._is_unsaved = True
            if not self._timer.isActive():  # counted from the first key, not from the last
                self._timer.start()

    def _put_away(self) -> None:
        """Take over what stands in the prompt, and write it down where it has changed."""
        self._desk.text = self._box.text()
        if self._is_unsaved:
            self._save(self._id)

    def _save(self, conversation_id: str) -> None:
        if conversation_id == self._id:
            self._desk.text = self._box.text()
            self._is_unsaved = False
            self._timer.stop()
        self._history.save_draft(conversation_id, self._desks[conversation_id].unsent())

    def _on_shown(self, conversation_id: str) -> None:
        if conversation_id != self._id:
            self._put_away()
            self._id = conversation_id
            conversation = self._chat.conversation
            if not conversation.messages and not conversation.is_incognito:
                self._take_over_new()
            if conversation_id not in self._desks:
                self._desks[conversation_id] = _Desk()
                self._awaited.add(conversation_id)
                self._history.load_draft(conversation_id)
            self._show_desk()
            self._on_free(conversation_id)

    def _take_over_new(self) -> None:
        """What was typed in a conversation never begun goes on in the next one."""
        old_id, self._new_id = self._new_id, self._id
        if old_id and old_id != self._id:
            self._desks[self._id] = desk = self._desks.pop(old_id)
            if desk.unsent() != Draft():
                self._history.save_draft(self._id, desk.unsent())
                self._history.save_draft(old_id, Draft())

    def _on_draft_loaded(self, conversation_id: str, draft: Draft) -> None:
        if conversation_id in self._awaited:
            self._awaited.remove(conversation_id)
            self._put_before(conversation_id, draft)

    def _on_new_draft_found(self, conversation_id: str, draft: Draft) -> None:
        if not self._new_id:  # one was begun meanwhile: it waits for the next one
            self._new_id = conversation_id
            self._desks[conversation_id] = _Desk()
        self._put_before(self._new_id, draft)
        if conversation_id != self._new_id:
            self._save(self._new_id)
            self._history.save_draft(conversation_id, Draft())

    def _put_before(self, conversation_id: str, draft: Draft) -> None:
        """Put a draft before what is typed meanwhile."""
        desk = self._desks[conversation_id]
        if conversation_id == self._id:
            desk.text = self._box.text()
        joined = _joined([draft, Draft(desk.text, desk.attachments)])
        desk.text, desk.attachments = joined.text, joined.attachments
        if conversation_id == self._id:
            self._show_desk()

    def _show_desk(self) -> None:
        self._is_showing = True
        if self._box.text() != self._desk.text:
            self._box.set_text(self._desk.text)
        self._is_showing = False
        self._n_recalled = 0
        self._show_attachments()
        self._show_queue()

    def _forget(self, erased: Sequence[str]) -> None:
        """Nothing of a conversation that was erased for good may be written again."""
        for conversation_id in erased:
            desk = self._desks.pop(conversation_id, _Desk())
            for reading_id in desk.readings:
                self._reader.cancel(reading_id)

    # ---- sending ----

    def _on_send(self, text: str) -> None:
        desk = self._desk
        if self._sending is not None:
            return
        if desk.readings:
            self._page.show_notice(self.tr("The message can be sent once its files are read."))
            return
        draft = Draft(text, desk.attachments)
        if self._chat.is_busy:
            desk.queue = (*desk.queue, draft)
            desk.attachments = ()
            self._box.set_text("")
            self._save(self._id)
            self._show_desk()
        else:
            self._send(draft)

    def _send(self, draft: Draft) -> None:
        self._sending = draft
        self._chat.send(draft.text, draft.attachments)
        self._show_queue()

    def _send_next(self) -> None:
        if self._desk.queue and self._sending is None and not self._chat.is_busy:
            self._send(self._desk.queue[0])

    def _on_free(self, conversation_id: str) -> None:
        """Send what waits for the end of a reply, unless the reply was cut short."""
        path = self._chat.conversation.path()
        is_answered = bool(path) and path[-1].role == "assistant" and path[-1].status == "complete"
        if conversation_id == self._id and is_answered:
            self._send_next()
        self._show_queue()

    def _on_sent(self, conversation_id: str) -> None:
        sent, self._sending = self._sending, None
        if sent is None:  # not by us
            return
        desk = self._desks[conversation_id]
        if desk.queue and desk.queue[0] is sent:
            desk.queue = desk.queue[1:]
        else:
            is_on_show = conversation_id == self._id
            text = self._box.text() if is_on_show else desk.text
            # What was typed since stays.
            desk.text = text.removeprefix(sent.text)
            desk.attachments = tuple(a for a in desk.attachments if a not in sent.attachments)
        if conversation_id == self._new_id:
            self._new_id = ""
        if conversation_id == self._id:
            self._show_desk()
        self._save(conversation_id)

    def _on_refused(self, conversation_id: str) -> None:
        self._sending = None
        self._on_shown(conversation_id)  # a new one has another id for the next try
        self._show_queue()

    def _on_recall(self, step: int) -> None:
        sent = [m.content for m in self._chat.conversation.path() if m.role == "user"][::-1]
        if not self._box.text():
            self._n_recalled = 0
        self._n_recalled = max(0, min(len(sent), self._n_recalled + step))
        if self._n_recalled:
            self._box.edit.show_recalled(sent[self._n_recalled - 1])
        else:
            self._box.set_text("")

    # ---- the queue ----

    def _show_queue(self) -> None:
        texts = [
            draft.text or ", ".join(attachment.name for attachment in draft.attachments)
            for draft in self._desk.queue
        ]
        is_held = self._sending is None and not self._chat.is_busy
        self._page.queue_bar.show_queue(texts, is_held)

    def _take_from_queue(self, number: int) -> None:
        """Put a waiting message back into the prompt, before what is written there."""
        draft = self._drop_from_queue(self._desk, number)
        self._put_before(self._id, draft)
        self._save(self._id)
        self._page.focus_prompt()

    def _remove_from_queue(self, number: int) -> None:
        conversation_id, desk = self._id, self._desk
        draft = self._drop_from_queue(desk, number)

        def put_back() -> None:
            desk.queue = (*desk.queue[:number], draft, *desk.queue[number:])
            self._save(conversation_id)
            self._show_queue()

        self._save(conversation_id)
        self._show_queue()
        self._page.show_notice(self.tr("It will not be sent."), self.tr("Undo"), put_back)
        self._page.focus_prompt()

    def _drop_from_queue(self, desk: _Desk, number: int) -> Draft:
        draft = desk.queue[number]
        desk.queue = (*desk.queue[:number], *desk.queue[number + 1 :])
        return draft

    # ---- attachments ----

    def _show_attachments(self) -> None:
        self._box.show_attachments(self._desk.attachments, self._desk.readings)
        self.attachments_changed.emit(self._desk.attachments)

    def _choose_files(self) -> None:
        dialog = QFileDialog(self._page, self.tr("Attach texts or PDFs"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self.attach)
        dialog.open()

    def _on_long_text(self, text: str) -> None:
        pasted = self.tr("Pasted text")
        names = {attachment.name for attachment in self._desk.attachments}
        numbered = (f"{pasted} {number}" for number in range(2, len(names) + 3))
        name = pasted if pasted not in names else next(n for n in numbered if n not in names)
        self._attach(self._id, self._desk, Attachment(name, text))

    def _attach(self, conversation_id: str, desk: _Desk, attachment: Attachment) -> None:
        desk.attachments = (*desk.attachments, attachment)
        self._save(conversation_id)
        self._show_attachments()

    def _open_attachment(self, number: int) -> None:
        from chatapp.gui.chat.attachment_view import AttachmentView  # seldom needed

        view = AttachmentView(self._desk.attachments[number], self._page)
        view.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        view.open()

    def _put_into_text(self, number: int) -> None:
        self._box.edit.insertPlainText(self._take_attachment(number).text)
        self._page.focus_prompt()

    def _remove_attachment(self, number: int) -> None:
        conversation_id, desk = self._id, self._desk
        attachment = self._take_attachment(number)
        text = self.tr("Removed {}").format(attachment.name)
        self._page.show_notice(
            text, self.tr("Undo"), lambda: self._attach(conversation_id, desk, attachment)
        )
        self._page.focus_prompt()

    def _take_attachment(self, number: int) -> Attachment:
        attachments = list(self._desk.attachments)
        attachment = attachments.pop(number)
        self._desk.attachments = tuple(attachments)
        self._save(self._id)
        self._show_attachments()
        return attachment

    def _cancel_reading(self, reading_id: str) -> None:
        self._reader.cancel(reading_id)
        del self._desk.readings[reading_id]
        self._show_attachments()
        self._page.focus_prompt()

    def _on_progress(self, reading_id: str, done: int, total: int) -> None:
        if reading_id in self._desk.readings:
            self._box.chips.show_progress(reading_id, done, total)

    def _on_read(self, reading_id: str, read: ReadFile) -> None:
        conversation_id, desk = self._end_reading(reading_id)
        self._attach(conversation_id, desk, read.attachment)
        if read.is_guessed:
            text = self.tr("{} is in an old encoding. See whether its letters are right.")
            self._page.show_notice(text.format(read.attachment.name))

    def _on_not_read(self, reading_id: str, reason: str) -> None:
        self._end_reading(reading_id)
        self._show_attachments()
        self._page.show_notice(reason)

    def _end_reading(self, reading_id: str) -> tuple[str, _Desk]:
        """The conversation that a file was read for."""
        for conversation_id, desk in self._desks.items():
            if desk.readings.pop(reading_id, ""):
                return conversation_id, desk
        raise AssertionError("Every reading belongs to a conversation.")


def _joined(drafts: Sequence[Draft]) -> Draft:
    texts = [draft.text for draft in drafts if draft.text]
    attachments = [attachment for draft in drafts for attachment in draft.attachments]
    return Draft("\n\n".join(texts), tuple(attachments))
