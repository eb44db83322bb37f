"""AttachmentController: files and long texts become attachments of the message being written."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog

from chatapp.chat import Attachment
from chatapp.gui.attachment_reader import AttachmentReader
from chatapp.gui.attachments import ReadFile
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.desk import Desk

_MOST_ATTACHMENTS = 20


class AttachmentController(QObject):
    """Attaches to the desk on show, takes away, and lets the user look at what is attached.

    Signals:
        changed: A Desk has other attachments now, which are to be kept.
        shown: What is attached to the message on show, a tuple of `Attachment`.
    """

    changed = Signal(object)
    shown = Signal(object)

    def __init__(self, page: ChatPage, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self._box = page.prompt_box
        self._desk = desk  # on show
        self._readers: dict[str, Desk] = {}  # who waits for a file, by id of the reading
        self._reader = AttachmentReader(self)
        chips = self._box.chips
        self._box.edit.files_pasted.connect(self.attach)
        self._box.edit.long_text_pasted.connect(self._on_long_text)
        self._box.attach_requested.connect(self._choose_files)
        chips.open_requested.connect(self._open)
        chips.text_requested.connect(self._put_into_text)
        chips.remove_requested.connect(self._remove)
        chips.cancel_requested.connect(self._cancel)
        self._reader.progressed.connect(self._on_progress)
        self._reader.finished.connect(self._on_read)
        self._reader.failed.connect(self._on_not_read)

    def show(self, desk: Desk) -> None:
        """Show what is attached there; what comes from now on is for that desk."""
        self._desk = desk
        self._box.show_attachments(desk.attachments, desk.readings)
        self.shown.emit(desk.attachments)

    def attach(self, files: Sequence[str]) -> None:
        """Read files and attach them to the message being written."""
        desk = self._desk
        free = _MOST_ATTACHMENTS - len(desk.attachments) - len(desk.readings)
        if len(files) > free:
            text = self.tr("A message can have {} attachments. The others were left out.")
            self._page.show_notice(text.format(_MOST_ATTACHMENTS))
        for file in files[: max(0, free)]:
            reading_id = self._reader.read(file)
            desk.readings[reading_id] = Path(file).name
            self._readers[reading_id] = desk
        self.show(desk)

    def forget(self, desk: Desk) -> None:
        """Wait for nothing any more that was to be attached there."""
        for reading_id in list(desk.readings):
            self._reader.cancel(reading_id)
            self._end_reading(reading_id)

    def close(self) -> None:
        """Wait for nothing any more."""
        self._reader.close()

    # ---- what comes ----

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
        self._put(self._desk, Attachment(name, text))

    def _put(self, desk: Desk, attachment: Attachment) -> None:
        desk.attachments = (*desk.attachments, attachment)
        self._on_changed(desk)

    def _on_changed(self, desk: Desk) -> None:
        self.changed.emit(desk)
        self.show(self._desk)

    # ---- a file being read ----

    def _on_progress(self, reading_id: str, done: int, total: int) -> None:
        if reading_id in self._desk.readings:
            self._box.chips.show_progress(reading_id, done, total)

    def _on_read(self, reading_id: str, read: ReadFile) -> None:
        self._put(self._end_reading(reading_id), read.attachment)
        if read.is_guessed:
            text = self.tr("{} is in an old encoding. See whether its letters are right.")
            self._page.show_notice(text.format(read.attachment.name))

    def _on_not_read(self, reading_id: str, reason: str) -> None:
        self._end_reading(reading_id)
        self.show(self._desk)
        self._page.show_notice(reason)

    def _cancel(self, reading_id: str) -> None:
        self._reader.cancel(reading_id)
        self._end_reading(reading_id)
        self.show(self._desk)
        self._page.focus_prompt()

    def _end_reading(self, reading_id: str) -> Desk:
        """The desk that a file was read for."""
        desk = self._readers.pop(reading_id)
        del desk.readings[reading_id]
        return desk

    # ---- what is attached ----

    def _open(self, number: int) -> None:
        from chatapp.gui.chat.attachment_view import AttachmentView  # seldom needed

        view = AttachmentView(self._desk.attachments[number], self._page)
        view.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        view.open()

    def _put_into_text(self, number: int) -> None:
        attachment = self._desk.take_attachment(number)
        self._box.edit.insertPlainText(attachment.text)
        self._on_changed(self._desk)
        self._page.focus_prompt()

    def _remove(self, number: int) -> None:
        desk = self._desk
        attachment = desk.take_attachment(number)
        self._on_changed(desk)
        text = self.tr("Removed {}").format(attachment.name)
        self._page.show_notice(text, self.tr("Undo"), lambda: self._put(desk, attachment))
        self._page.focus_prompt()
