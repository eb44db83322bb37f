"""A plot of a measurement with its values as words: those that are pointed at, else the last."""

from bisect import bisect_left

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from chatapp.gui import theme
from chatapp.gui.lab import wording
from chatapp.gui.lab.claim_plot import ClaimPlot, stroke
from chatapp.gui.lab.claim_words import curve_name
from chatapp.gui.sentences import translated
from chatapp.runs.plot import Curve, Plot


class ClaimCurves(QWidget):
    """Shows one plot, its legend with values above it and its note below."""

    def __init__(self, plot: Plot, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot = plot
        self._place: float | None = None
        title = QLabel(translated(plot.title), self)
        title.setWordWrap(True)
        theme.mark(title, letters="heading")
        self._words = QLabel(self)
        self._words.setObjectName("claimFigures")
        self._words.setTextFormat(Qt.TextFormat.RichText)
        self._words.setWordWrap(True)
        self._drawing = ClaimPlot(plot, self)
        self._drawing.setAccessibleName(translated(plot.title))
        self._drawing.marked.connect(self._on_marked)
        self.setFocusProxy(self._drawing)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for part in (title, self._words, self._drawing):
            layout.addWidget(part)
        if plot.note is not None:
            note = QLabel(translated(plot.note), self)
            note.setObjectName("claimNote")
            note.setWordWrap(True)
            theme.mark(note, tone="muted", letters="small")
            layout.addWidget(note)
        theme.notifier.changed.connect(self._show_words)
        self._show_words()

    def _on_marked(self, place: float | None) -> None:
        self._place = place
        self._show_words()

    def _show_words(self) -> None:
        place = self._place
        if place is None:
            place = max(curve.x[-1] for curve in self._plot.curves)
        head = f"{translated(self._plot.x_label)}: {wording.figure(place)}"
        parts, plain = [], [head]
        for number, curve in enumerate(self._plot.curves):
            text = f"{curve_name(curve.name)} {wording.figure(_near(curve, place))}"
            colour, _, letters = stroke(number)
            legend = f"{letters} {text}".replace(" ", "&nbsp;")
            parts.append(f'<span style="color: {colour.name()}">{legend}</span>')
            plain.append(text)
        self._words.setText("&nbsp;&nbsp; ".join([head, *parts]))
        self._words.setAccessibleName(", ".join(plain))
        self._drawing.setAccessibleDescription(", ".join(plain))


def _near(curve: Curve, place: float) -> float:
    """The value that was measured nearest to a place."""
    at = bisect_left(curve.x, place)
    near = range(max(0, at - 1), min(at + 1, len(curve.x)))
    return curve.y[min(near, key=lambda one: abs(curve.x[one] - place))]
