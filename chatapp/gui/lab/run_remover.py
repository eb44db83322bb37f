"""RunRemover: moves runs to the trash, and back."""

from pathlib import Path

from PySide6.QtCore import QFile, QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from chatapp.gui import theme
from chatapp.gui.lab.run_reader import AT_WORK, Summary


class RunRemover(QObject):
    """Has the folder of a run leave, once the user agrees.

    Signals:
        removed: Words about what is gone; `undo` brings it back.
        failed: Words about what could not be done.
    """

    removed = Signal(str)
    failed = Signal(str)

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._gone: tuple[str, str] | None = None  # where it was, and where it is in the trash

    def ask(self, run: Summary) -> None:
        """Move a run to the trash if the user wants that; one at work has to be stopped first."""
        if run.phase in AT_WORK:
            self.failed.emit(self.tr("“{}” is learning. Stop it first.").format(run.name))
            return
        box = QMessageBox(self._page)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setText(self.tr("Move “{}” to the trash?").format(run.name))
        box.setInformativeText(
            self.tr("The run goes with its curves, its checkpoints and the model that came out.")
        )
        move = box.addButton(self.tr("Move to trash"), QMessageBox.ButtonRole.DestructiveRole)
        theme.mark(move, kind="danger")
        box.setDefaultButton(box.addButton(self.tr("Keep it"), QMessageBox.ButtonRole.RejectRole))
        move.clicked.connect(lambda: self._trash(run))
        box.open()

    def undo(self) -> None:
        """Bring back what was moved last."""
        if self._gone is None:
            return
        (path, in_trash), self._gone = self._gone, None
        try:
            Path(in_trash).rename(path)
        except OSError:
            self.failed.emit(self.tr("It could not be taken out of the trash again."))
            return
        # Where the desktop keeps such notes, the trash would list the folder for ever.
        note = Path(in_trash).parent.parent / "info" / f"{Path(in_trash).name}.trashinfo"
        note.unlink(missing_ok=True)

    def _trash(self, run: Summary) -> None:
        folder = QFile(run.path)
        if not folder.moveToTrash():
            text = self.tr("“{name}” cannot be moved to the trash; it is still in {folder}.")
            self.failed.emit(text.format(name=run.name, folder=run.path))
            return
        self._gone = run.path, folder.fileName()
        self.removed.emit(self.tr("In the trash: “{}”").format(run.name))
