"""The trash: what was deleted in the last 30 days, to be restored or erased for good."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from PySide6.QtWidgets import QWidget

from chatapp.gui.data.sheet import Row, Table, WorkSheet
from chatapp.gui.data.wording import moment
from chatapp.gui.data.work import Work
from chatapp.gui.history import History
from chatapp.storage.records import ConversationSummary

DAYS_KEPT = 30


class TrashDialog(WorkSheet):
    """Lists the deleted conversations, the one deleted last first."""

    def __init__(self, history: History, work: Work, parent: QWidget) -> None:
        words = self.tr(
            "What you delete stays here for {} days, then it is erased for good, in backups too."
        ).format(DAYS_KEPT)
        super().__init__(self.tr("Trash"), words, work, parent)
        self._history = history
        self._all: list[str] = []
        heads = (self.tr("Title"), self.tr("Deleted"), self.tr("Days left"))
        self._table = Table(self.tr("Deleted conversations"), heads, self, many=True)
        self.body.addWidget(self._table, 1)
        self.add_state()
        self._empty = self.add_button(self.tr("Empty the trash…"), self._ask_for_all, at_left=True)
        self._erase = self.add_button(self.tr("Erase for good…"), self._ask_for_some, kind="danger")
        self._restore = self.add_button(self.tr("Restore"), self._bring_back)
        self._close = self.add_button(self.tr("Close"), self.reject, kind="primary")
        self._table.chosen.connect(self._show_what_can_be_done)
        self._show_what_can_be_done()
        history.trash_listed.connect(self._on_listed)
        history.list("deleted")
        self.fit(640, 440)
        self._table.setFocus()

    def show_is_working(self, is_working: bool) -> None:
        self._table.setEnabled(not is_working)
        self._show_what_can_be_done()

    def show_result(self, result: object) -> None:
        self.tell(self.tr("Erased for good: {}").format(result), "muted")
        self._history.list("deleted")

    def _on_listed(self, summaries: Sequence[ConversationSummary]) -> None:
        deleted = sorted(summaries, key=lambda entry: entry.deleted_at or "", reverse=True)
        self._all = [entry.id for entry in deleted]
        self._table.set_rows([Row(entry.id, self._cells(entry)) for entry in deleted])
        if not deleted and self._said.isHidden():
            self.tell(self.tr("The trash is empty."), "muted")

    def _cells(self, entry: ConversationSummary) -> tuple[str, ...]:
        deleted_at = entry.deleted_at or entry.updated_at
        age = datetime.now(UTC) - datetime.fromisoformat(deleted_at)
        days = max(math.ceil((timedelta(days=DAYS_KEPT) - age) / timedelta(days=1)), 1)
        title = entry.title or self.tr("Untitled")
        return title, moment(deleted_at), self.locale().toString(days)

    def _show_what_can_be_done(self) -> None:
        is_free = not self._work.is_running
        has_choice = bool(self._table.chosen_keys())
        self._restore.setEnabled(is_free and has_choice)
        self._erase.setEnabled(is_free and has_choice)
        self._empty.setEnabled(is_free and bool(self._all))

    def _chosen(self) -> list[str]:
        return [str(key) for key in self._table.chosen_keys()]

    def _bring_back(self) -> None:
        ids = self._chosen()
        self._history.restore(ids)
        self._history.list("deleted")
        self._history.list()
        self.tell(self.tr("Restored: {}").format(len(ids)), "muted")

    def _ask_for_some(self) -> None:
        ids = self._chosen()
        question = self.tr("Erase the chosen conversations for good? ({})").format(len(ids))
        self._ask(question, ids)

    def _ask_for_all(self) -> None:
        question = self.tr("Erase everything in the trash for good? ({})").format(len(self._all))
        self._ask(question, self._all)

    def _ask(self, question: str, ids: Sequence[str]) -> None:
        details = self.tr(
            "They leave the history, the search and the backups of chatapp. This cannot be undone."
        )
        self.ask(question, details, self.tr("Erase for good"), lambda: self._erase_for_good(ids))

    def _erase_for_good(self, ids: Sequence[str]) -> None:
        history = self._history

        def job(_: object) -> int:
            history.store.erase(ids).result()
            history.erased.emit(tuple(ids))
            return len(ids)

        self.do(job)
