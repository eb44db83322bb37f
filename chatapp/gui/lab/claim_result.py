"""The card of what came out of a measurement: plots or a table, and how it was measured."""

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs
from PySide6.QtCore import QDateTime, QLocale, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from chatapp.gui import theme
from chatapp.gui.fields import Choice
from chatapp.gui.lab import report_words
from chatapp.gui.lab.claim_results import Result
from chatapp.gui.lab.claim_words import curve_name
from chatapp.gui.lab.figure_table import FigureTable
from chatapp.gui.models.wrap_row import WrapRow
from chatapp.gui.sentences import translated
from chatapp.runs.plot import Plot
from chatapp.runs.report import Report

if TYPE_CHECKING:
    from chatapp.gui.lab.claim_curves import ClaimCurves


class ClaimResult(QFrame):
    """Shows the newest result of a claim, or the one the user chooses.

    Signals:
        folder_requested: Open that folder.
    """

    folder_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("claimResult")
        theme.mark(self, surface="card")
        self.can_draw = False
        self._results: list[Result] = []
        self._parts: list[QWidget] = []
        self._shown: Result | None = None
        self._which = Choice(self.tr("Measurements, the newest first"), self)
        self._which.chosen.connect(lambda at: self._show(self._results[at]))
        self._open = QPushButton(self.tr("Open the folder"), self)
        self._open.clicked.connect(self._ask_for_folder)
        row = WrapRow(8)
        row.addWidget(self._which)
        row.addWidget(self._open)
        self._body = QVBoxLayout()
        self._body.setSpacing(14)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(10)
        layout.addLayout(row)
        layout.addLayout(self._body)

    def show_results(self, results: list[Result]) -> None:
        """Show the newest of these, and let the user choose among them."""
        self._results = results
        self.setVisible(bool(results))
        words = [(at, _when(one)) for at, one in enumerate(results)]
        self._which.set_choices(list(words), 0)
        if results:
            self._show(results[0])

    def draw(self) -> None:
        """From now on plots can be drawn."""
        self.can_draw = True
        if self._shown is not None:
            shown, self._shown = self._shown, None
            self._show(shown)

    def focus(self) -> None:
        """Let the keys read the figures."""
        if self._parts:
            self._parts[0].setFocus()

    def _show(self, result: Result) -> None:
        if result == self._shown:
            return
        self._shown = result
        for part in self._parts:
            part.hide()
            part.deleteLater()
        self._parts = []
        finding = result.finding
        if finding.report is not None:
            self._add_table(finding.report)
        for plot in finding.plots:
            self._add(self._drawn(plot) if self.can_draw else _note(translated(plot.title)))
        if finding.notes:
            self._add(_note("\n".join(translated(note) for note in finding.notes)))

    def _add(self, part: QWidget) -> None:
        self._parts.append(part)
        self._body.addWidget(part)

    def _add_table(self, report: Report) -> None:
        rows = tuple(structs.replace(row, name=curve_name(row.name)) for row in report.rows)
        heads, cells = report_words.table(structs.replace(report, rows=rows))
        cells[0][0] = structs.replace(cells[0][0], is_strong=False)  # all of them are compared
        table = FigureTable(self.tr("What came out"), True, self)
        table.show_cells(heads, cells)
        self._add(table)
        about = self.tr(
            "On what was held out. Below each figure is its 95 % interval: where two of them"
            " overlap, it may be chance which is better. ★ marks the best."
        )
        self._add(_note(about))

    def _drawn(self, plot: Plot) -> "ClaimCurves":
        from chatapp.gui.lab.claim_curves import ClaimCurves  # loaded by now

        return ClaimCurves(plot, self)

    def _ask_for_folder(self) -> None:
        if self._shown is not None:
            self.folder_requested.emit(str(self._shown.folder))


def _when(result: Result) -> str:
    """When it was measured, and on what."""
    stamp = QDateTime.fromString(Path(result.folder).name[:15], "yyyyMMdd-HHmmss")
    words = [QLocale().toString(stamp, QLocale.FormatType.ShortFormat)]
    if not stamp.isValid():
        words = [Path(result.folder).name]
    return " · ".join([*words, *result.finding.files])


def _note(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("claimNotes")
    label.setWordWrap(True)
    theme.mark(label, tone="muted", letters="small")
    return label
