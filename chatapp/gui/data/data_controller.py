"""DataController: opens the dialogs of the user's data, and keeps the house in order."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from chatapp.gui.chat_controller import ChatController
from chatapp.gui.data.jobs import keep_house
from chatapp.gui.data.work import Work
from chatapp.gui.history import History
from chatapp.gui.settings.section import Section
from chatapp.settings import SettingsFile

if TYPE_CHECKING:
    from chatapp.gui.data.export_dialog import ExportDialog

_CALM_MS = 3000  # after the first paint, for what nobody waits for


class DataController(QObject):
    """Where the window and the settings ask for export, import, trash and backups.

    Signals:
        training_data_written: Conversations were exported to learn from, to that file.
        failed: Something done by itself could not be done; carries a text fit to be shown.
    """

    training_data_written = Signal(str)
    failed = Signal(str)

    def __init__(
        self,
        window: QWidget,
        history: History,
        chat: ChatController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._history = history
        self._chat = chat
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(self.keep_house)

    def start(self) -> None:
        """Keep the house once the window has come to rest; after the first paint."""
        self._calm.start()

    def section(self, settings: SettingsFile) -> Section:
        """The section of the settings that opens these dialogs."""

        def build() -> QWidget:
            from chatapp.gui.data.data_section import DataSection

            return DataSection(settings, self)

        return Section(self.tr("Data"), build)

    def close(self) -> None:
        """End what is under way; before the history is closed."""
        self._calm.stop()
        for work in self.findChildren(Work):
            work.close()

    def keep_house(self) -> None:
        """Erase what has lain in the trash too long, and make the backup of the day."""
        if self._history.refusal:
            return  # which was said already
        work = Work(self)
        work.failed.connect(self.failed)
        # Damage that the backup has met is said with the next answer of the history.
        work.succeeded.connect(lambda: self._history.list())
        work.start(keep_house(self._history.store))

    def export(self, ids: Sequence[str] = (), parent: QWidget | None = None) -> None:
        """Ask what to export, these conversations to begin with."""
        self._export_dialog(ids, parent).open()

    def export_everything(self, parent: QWidget | None = None) -> None:
        """Export the whole history; only where to is asked."""
        dialog = self._export_dialog((), parent)
        dialog.choose_everything()
        dialog.open()
        dialog.ask_where()

    def export_for_training(self) -> None:
        """Export conversations for a model to learn from; which ones is asked."""
        dialog = self._export_dialog((), None)
        dialog.choose_training()
        dialog.training_data_written.connect(self.training_data_written)
        dialog.open()

    def import_conversations(self, parent: QWidget | None = None) -> None:
        """Ask for a file to bring in."""
        from chatapp.gui.data.import_dialog import ImportDialog

        dialog = ImportDialog(self._history.store, Work(self), parent or self._window)
        dialog.imported.connect(lambda: self._history.list())
        dialog.open()

    def show_trash(self, parent: QWidget | None = None) -> None:
        """Show what was deleted."""
        from chatapp.gui.data.trash_dialog import TrashDialog

        TrashDialog(self._history, Work(self), parent or self._window).open()

    def show_backups(self, parent: QWidget | None = None) -> None:
        """Show the backups."""
        from chatapp.gui.data.backups_dialog import BackupsDialog

        dialog = BackupsDialog(self._history, Work(self), parent or self._window)
        dialog.restored.connect(self._show_another_history)
        dialog.open()

    def _show_another_history(self) -> None:
        """Nothing of what is on show belongs to the history any more."""
        self._chat.stop()
        self._chat.new()
        self._history.list()

    def _export_dialog(self, ids: Sequence[str], parent: QWidget | None) -> "ExportDialog":
        from chatapp.gui.data.export_dialog import ExportDialog, Scope, everything

        scopes = [everything(self.tr("Everything"))]
        shown = self._chat.conversation
        if shown.messages and not shown.is_incognito and list(ids) != [shown.id]:
            scopes.insert(0, Scope(self.tr("The conversation on show"), shown.title, (shown.id,)))
        if ids:
            name = self.tr("Chosen conversations ({})").format(len(ids))
            scopes.insert(0, Scope(name, self.tr("Conversations"), tuple(ids)))
        work = Work(self)
        return ExportDialog(scopes, self._history.store, work, parent or self._window)
