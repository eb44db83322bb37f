"""What was measured of a model: the table, what a classifier mixes up, and a word on both."""

from collections.abc import Callable

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from chatapp.gui import theme
from chatapp.gui.lab import report_words
from chatapp.gui.lab.figure_table import FigureTable
from chatapp.runs.report import Report


class ReportView(QWidget):
    """Shows a report.

    Args:
        name: What was measured, for a screen reader.
        note: What to say below the table.
    """

    def __init__(
        self, name: str, note: Callable[[Report], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._note_of = note
        self._report: Report | None = None
        self._table = FigureTable(name, True, self)
        self._note = QLabel(self)
        self._mixed = QLabel(self.tr("What it mixes up"), self)
        self._mixed.setContentsMargins(0, 10, 0, 0)
        theme.mark(self._mixed, letters="heading")
        self._confusion = FigureTable(self._mixed.text(), False, self)
        self._calibration = QLabel(self)
        for label in (self._note, self._calibration):
            label.setWordWrap(True)
            theme.mark(label, tone="muted", letters="small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for part in (self._table, self._note, self._mixed, self._confusion, self._calibration):
            layout.addWidget(part)

    def show_report(self, report: Report) -> None:
        """Show this one."""
        if report == self._report:
            return
        self._report = report
        self._table.show_cells(*report_words.table(report))
        self._note.setText(self._note_of(report))
        for part in (self._mixed, self._confusion):
            part.setVisible(bool(report.labels))
        if report.labels:
            self._confusion.show_cells(*report_words.confusion(report))
        error = report.calibration_error
        self._calibration.setText("" if error is None else report_words.calibration(error))
        self._calibration.setVisible(error is not None)

    def focus(self) -> None:
        """Let the keys go through the table."""
        self._table.setFocus()
