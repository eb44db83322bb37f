"""The backups of the history: making one, and going back to one."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from chatapp.gui.data.sheet import Row, Table, WorkSheet
from chatapp.gui.data.wording import moment, size
from chatapp.gui.data.work import Work
from chatapp.gui.history import History
from chatapp.storage.records import Backup


class BackupsDialog(WorkSheet):
    """Lists the backups, the newest first.

    Signals:
        restored: The history is the one of a backup now.
    """

    restored = Signal()

    def __init__(self, history: History, work: Work, parent: QWidget) -> None:
        words = self.tr(
            "chatapp backs the history up once a day and keeps the newest three, beside the "
            "history itself. For a copy elsewhere, export everything."
        )
        super().__init__(self.tr("Backups"), words, work, parent)
        self._history = history
        self._done = ""  # what to say once the work under way is done
        heads = (self.tr("Made"), self.tr("Conversations"), self.tr("Size"))
        self._table = Table(self.tr("Backups"), heads, self, many=False)
        self.body.addWidget(self._table, 1)
        self.add_state()
        self._make = self.add_button(self.tr("Back up now"), self._back_up, at_left=True)
        self._restore = self.add_button(self.tr("Restore…"), self._ask)
        self._close = self.add_button(self.tr("Close"), self.reject, kind="primary")
        self._table.chosen.connect(self._show_what_can_be_done)
        history.backups_listed.connect(self._on_listed)
        history.list_backups()
        self.fit(560, 340)
        self._table.setFocus()

    def show_is_working(self, is_working: bool) -> None:
        self._table.setEnabled(not is_working)
        self._show_what_can_be_done()

    def show_result(self, result: object) -> None:
        self.tell(self._done, "muted")
        self._history.list_backups()
        if result is None:
            self.restored.emit()

    def _on_listed(self, backups: Sequence[Backup]) -> None:
        self._table.set_rows(
            [
                Row(
                    backup.path,
                    (
                        moment(backup.made_at),
                        self.locale().toString(backup.n_conversations),
                        size(backup.size),
                    ),
                )
                for backup in backups
            ]
        )
        if not backups:
            self.tell(self.tr("There is no backup yet."), "muted")

    def _show_what_can_be_done(self) -> None:
        is_free = not self._work.is_running
        self._make.setEnabled(is_free)
        self._restore.setEnabled(is_free and bool(self._table.chosen_keys()))

    def _back_up(self) -> None:
        self._done = self.tr("The history is backed up.")
        self.do(lambda _: self._history.store.back_up().result())

    def _ask(self) -> None:
        (path,) = self._table.chosen_keys()
        self.ask(
            self.tr("Go back to this backup?"),
            self.tr(
                "chatapp then shows the conversations as they were. The present history is set "
                "aside in the same folder, not deleted."
            ),
            self.tr("Restore"),
            lambda: self._go_back(Path(str(path))),
        )

    def _go_back(self, path: Path) -> None:
        self._done = self.tr("The backup is restored.")
        self.do(lambda _: self._history.store.restore_backup(path).result())
