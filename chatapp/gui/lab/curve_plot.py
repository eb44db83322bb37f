"""One plot of a run's curves: drawn by pyqtgraph, in our colours, with a mark that reads values.

Importing this loads pyqtgraph and numpy, a second's work: see PlotLoader.
"""

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QWidget

from chatapp.gui import theme
from chatapp.gui.lab import wording
from chatapp.gui.lab.marked_plot import MarkedPlot
from chatapp.gui.lab.run_reader import Curve

_STRONG, _FINE = 2.2, 1.2  # widths of lines
_LEAST_HEIGHT, _HEIGHT = 180, 230


class _Axis(pg.AxisItem):  # type: ignore[misc]
    """Numbers as the user's language writes them."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if self.orientation == "bottom":
            return [wording.number(value) if value == int(value) else "" for value in values]
        digits = 4 if spacing < 0.01 * max(map(abs, values), default=0) else 3
        return [QLocale().toString(float(value), "g", max(digits, 3)) for value in values]


class CurvePlot(MarkedPlot):
    """Draws lines over steps. The pointer, or the arrow keys, choose a step to read values at.

    Signals:
        marked: The step that is looked at; -1 for none.
    """

    marked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_Axis, _HEIGHT, parent)
        self.setObjectName("runCurve")
        self.setMinimumHeight(_LEAST_HEIGHT)
        self.getPlotItem().layout.setContentsMargins(0, 4, 4, 4)  # the axis' words need the last
        self._curves: tuple[Curve, ...] = ()
        self._finest = Curve((), ())  # whose steps are those one can look at
        self._axis = ""
        self._items: list[pg.PlotDataItem] = []
        self._dress()

    def set_curves(self, curves: Sequence[Curve], axis: str) -> None:
        """Draw these; the first is the one to look at, and drawn above the others."""
        if len(curves) != len(self._items):
            for item in self._items:
                self.removeItem(item)
            self._items = [self.plot(antialias=True) for _ in curves]
            for number, item in enumerate(self._items):
                item.setZValue(-number)
                item.setDownsampling(auto=True, method="peak")
                item.setClipToView(True)
        self._curves = tuple(curves)
        self._finest = max(curves, key=lambda curve: len(curve.steps))
        for item, curve in zip(self._items, curves, strict=True):
            item.setData(list(curve.steps), list(curve.values))
        self._axis = axis
        self._dress()

    def _places(self) -> Sequence[float]:
        return self._finest.steps

    def _on_marked(self) -> None:
        self.marked.emit(-1 if self._place is None else int(self._place))

    def _labels(self) -> tuple[str, str]:
        return self.tr("Steps"), self._axis

    def _dress_curves(self) -> None:
        for number, (item, curve) in enumerate(zip(self._items, self._curves, strict=True)):
            colour = theme.colour("muted" if number else "accent")
            item.setPen(pg.mkPen(colour, width=_FINE if number else _STRONG))
            item.setSymbol("o" if len(curve.steps) == 1 else None)  # no line can be drawn of it
            item.setSymbolSize(6)
            item.setSymbolPen(None)
            item.setSymbolBrush(colour)
