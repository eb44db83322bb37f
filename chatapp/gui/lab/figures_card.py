"""The card with the figures of what is held out: before training, at its best, and now."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from chatapp.gui import theme
from chatapp.gui.lab import wording
from chatapp.gui.lab.run_reader import Record
from chatapp.runs.run_folder import Metric

_RIGHT = Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter


class FiguresCard(QFrame):
    """A small table: a row for each figure, a column for each step that matters."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runFigures")
        theme.mark(self, surface="card")
        self._shown: tuple[Metric, ...] = ()
        title = QLabel(self.tr("What it never learned from"), self)
        title.setWordWrap(True)
        theme.mark(title, letters="heading")
        self._nothing = QLabel(self.tr("Nothing was measured yet."), self)
        theme.mark(self._nothing, tone="muted")
        self._table = QGridLayout()
        self._table.setHorizontalSpacing(16)
        self._table.setVerticalSpacing(4)
        self._table.setColumnStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(8)
        layout.addWidget(title)
        layout.addWidget(self._nothing)
        layout.addLayout(self._table)
        layout.addStretch(1)

    def show_record(self, record: Record) -> None:
        """Show the figures of this run."""
        shown = _of_interest(record.evaluations)
        if shown == self._shown:
            return
        self._shown = shown
        while (item := self._table.takeAt(0)) is not None:
            if (label := item.widget()) is not None:
                label.deleteLater()
        self._nothing.setVisible(not shown)
        if not shown:
            self.setAccessibleName("")
            return
        is_new = record.recipe is None or not record.recipe.model.start
        first = self.tr("untrained") if is_new else self.tr("before training")
        heads = {self._head(one) if one.step else first: one for one in shown}
        for column, words in enumerate(heads, start=1):
            self._put(0, column, words, "muted")
        spoken = []
        names = shown[-1].evaluation
        for row, name in enumerate(names, start=1):
            label = self._put(row, 0, wording.evaluation_name(name, names), "")
            label.setToolTip(wording.evaluation_help(name, names))
            for column, (head, one) in enumerate(heads.items(), start=1):
                value = one.evaluation.get(name)
                text = "–" if value is None else wording.evaluation(name, value)
                self._put(row, column, text, "muted" if column < len(heads) else "")
                spoken.append(f"{label.text()}, {head}: {text}")
        self.setAccessibleName("; ".join(spoken))

    def _head(self, metric: Metric) -> str:
        words = self.tr("best, {}") if metric != self._shown[-1] else self.tr("step {}")
        return words.format(wording.number(metric.step))

    def _put(self, row: int, column: int, text: str, tone: str) -> QLabel:
        label = QLabel(text, self)
        theme.mark(label, tone=tone)
        if column:
            label.setAlignment(_RIGHT)
        else:
            label.setWordWrap(True)
        self._table.addWidget(label, row, column)
        return label


def _of_interest(evaluations: tuple[Metric, ...]) -> tuple[Metric, ...]:
    """The first, the best and the last, each once and in this order."""
    if not evaluations:
        return ()
    best = min(evaluations, key=lambda one: one.evaluation.get("loss", float("inf")))
    chosen = {one.step: one for one in (evaluations[0], best, evaluations[-1])}
    return tuple(chosen[step] for step in sorted(chosen))
