"""Import: which file, how far it is, and what became of it."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QWidget

from chatapp.gui.data.jobs import import_job
from chatapp.gui.data.sheet import WorkSheet
from chatapp.gui.data.work import Work
from chatapp.gui.sentences import translated
from chatapp.storage.store import ConversationStore
from chatapp.transfer.importing import ImportReport


class ImportDialog(WorkSheet):
    """Brings conversations in from a file.

    Signals:
        imported: Conversations have come in.
    """

    imported = Signal()

    def __init__(self, store: ConversationStore, work: Work, parent: QWidget) -> None:
        words = self.tr(
            "From an export of chatapp, of ChatGPT (its .zip as it came, or conversations.json), "
            "or of Open WebUI. Conversations that are here already get what is new in them."
        )
        super().__init__(self.tr("Import conversations"), words, work, parent)
        self._store = store
        self._problems = QPlainTextEdit(self)
        self._problems.setReadOnly(True)
        self._problems.setTabChangesFocus(True)
        self._problems.setAccessibleName(self.tr("What could not be read"))
        self._problems.hide()
        self.add_state()
        self.body.addWidget(self._problems, 1)
        self.body.addStretch(0)
        self._close = self.add_button(self.tr("Cancel"), self.reject)
        self._choose = self.add_button(self.tr("Choose a file…"), self.ask_which, kind="primary")
        self._choose.setDefault(True)
        self._choose.setFocus()
        self.fit(520, 260)

    def ask_which(self) -> None:
        """Ask for the file, and go on once it is chosen."""
        dialog = QFileDialog(self, self.tr("Import from"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Exports (*.json *.zip)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(self.take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def take(self, path: str) -> None:
        """Bring in what that file holds."""
        self._problems.hide()
        self.do(import_job(self._store, Path(path)))
        self.tell(self.tr("Reading {}…").format(Path(path).name), "muted")

    def show_is_working(self, is_working: bool) -> None:
        self._choose.setEnabled(not is_working)
        self._close.setText(self.tr("Cancel") if is_working else self.tr("Close"))

    def show_result(self, result: object) -> None:
        assert isinstance(result, ImportReport)
        self.tell("\n".join(self._summary(result)))
        self._problems.setPlainText("\n".join(map(translated, result.problems)))
        self._problems.setVisible(bool(result.problems))
        if result.problems:
            self.fit(520, 420)
        self._choose.setText(self.tr("Choose another file…"))
        self._close.setFocus()
        if result.n_imported or result.n_grown:
            self.imported.emit()

    def _summary(self, result: ImportReport) -> list[str]:
        lines = [self.tr("Conversations imported: {}").format(result.n_imported)]
        if result.was_cancelled:
            lines.insert(0, self.tr("Cancelled before the end of the file."))
        if result.n_grown:
            lines.append(self.tr("Here already, with new messages now: {}").format(result.n_grown))
        if result.n_present:
            lines.append(self.tr("Here already: {}").format(result.n_present))
        if result.n_lost:
            lost = self.tr("Pictures and files in them that cannot be kept: {}")
            lines.append(lost.format(result.n_lost))
        if result.n_unread:
            lines.append(self.tr("Could not be read: {}").format(result.n_unread))
        return lines
