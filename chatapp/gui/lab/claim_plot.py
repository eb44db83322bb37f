"""The curves of several networks in one plot, in our colours, with a mark that reads values.

Importing this loads pyqtgraph and numpy, a second's work: see PlotLoader.
"""

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from chatapp.gui import theme
from chatapp.gui.lab.marked_plot import MarkedPlot
from chatapp.gui.sentences import translated
from chatapp.runs.plot import Plot

# Told apart by their dashes as well as by their colours.
_COLOURS = ("accent", "num", "kw", "text", "bad")
_DASHES = (
    (Qt.PenStyle.SolidLine, "——"),
    (Qt.PenStyle.DashLine, "– –"),
    (Qt.PenStyle.DotLine, "····"),
    (Qt.PenStyle.DashDotLine, "–·–"),
    (Qt.PenStyle.DashDotDotLine, "–··"),
)
_WIDTH = 2
_LEAST_HEIGHT, _HEIGHT = 200, 300


def stroke(number: int) -> tuple[QColor, Qt.PenStyle, str]:
    """Colour and dashes of a curve, and letters that look like it."""
    style, letters = _DASHES[number % len(_DASHES)]
    return theme.colour(_COLOURS[number % len(_COLOURS)]), style, letters


class _Axis(pg.AxisItem):  # type: ignore[misc]
    """Numbers as the user's language writes them."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        shown = [10**value for value in values] if self.logMode else values
        return [QLocale().toString(float(value), "g", 4) for value in shown]


class ClaimPlot(MarkedPlot):
    """Draws a plot. The pointer, or the arrow keys, choose a place to read values at.

    Signals:
        marked: The value of x that is looked at, None for none.
    """

    marked = Signal(object)

    def __init__(self, plot: Plot, parent: QWidget | None = None) -> None:
        super().__init__(_Axis, _HEIGHT, parent)
        self.setObjectName("claimPlot")
        self.setMinimumHeight(_LEAST_HEIGHT)
        self.getPlotItem().layout.setContentsMargins(0, 4, 8, 4)
        self.setLogMode(y=plot.is_log)
        self._plot = plot
        self._all_x = sorted({x for curve in plot.curves for x in curve.x})
        self._items = [self.plot(curve.x, curve.y, antialias=True) for curve in plot.curves]
        self._dress()

    def _places(self) -> Sequence[float]:
        return self._all_x

    def _on_marked(self) -> None:
        self.marked.emit(self._place)

    def _labels(self) -> tuple[str, str]:
        return translated(self._plot.x_label), translated(self._plot.y_label)

    def _dress_curves(self) -> None:
        for number, item in enumerate(self._items):
            colour, style, _ = stroke(number)
            item.setPen(pg.mkPen(colour, width=_WIDTH, style=style))
