"""The curves of several networks in one plot, in our colours, with a mark that reads values.

Importing this loads pyqtgraph and numpy, a second's work: see PlotLoader.
"""

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QLocale, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from chatapp.gui import theme
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


class ClaimPlot(pg.PlotWidget):  # type: ignore[misc]
    """Draws a plot. The pointer, or the arrow keys, choose a place to read values at.

    Signals:
        marked: The value of x that is looked at, None for none.
    """

    marked = Signal(object)

    def __init__(self, plot: Plot, parent: QWidget | None = None) -> None:
        axes = {"bottom": _Axis("bottom"), "left": _Axis("left")}
        super().__init__(parent, axisItems=axes)
        self.setObjectName("claimPlot")
        self.setMinimumHeight(_LEAST_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.getPlotItem().layout.setContentsMargins(0, 4, 8, 4)
        self.setLogMode(y=plot.is_log)
        self._plot = plot
        self._places = sorted({x for curve in plot.curves for x in curve.x})
        self._place: float | None = None
        self._items = [self.plot(curve.x, curve.y, antialias=True) for curve in plot.curves]
        self._mark = pg.InfiniteLine(angle=90, movable=False)
        self._mark.hide()
        self.addItem(self._mark, ignoreBounds=True)
        self.scene().sigMouseMoved.connect(self._on_pointer)
        theme.notifier.changed.connect(self._dress)
        theme.notifier.resized.connect(self._dress)
        self._dress()

    def sizeHint(self) -> QSize:
        return QSize(360, theme.px(_HEIGHT))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the page scrolls

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._mark_place(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._places) - 1
        at = last + 1 if self._place is None else self._places.index(self._place)
        moves = {
            Qt.Key.Key_Left: at - 1,
            Qt.Key.Key_Right: at + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if event.key() not in moves:
            event.ignore()
            return
        self._mark_place(self._places[min(max(moves[Qt.Key(event.key())], 0), last)])

    def _on_pointer(self, position: QPointF) -> None:
        box = self.getPlotItem().getViewBox()
        if not box.sceneBoundingRect().contains(position):
            self._mark_place(None)
            return
        x = box.mapSceneToView(position).x()
        self._mark_place(min(self._places, key=lambda place: abs(place - x)))

    def _mark_place(self, place: float | None) -> None:
        if place == self._place:
            return
        self._place = place
        self._mark.setVisible(place is not None)
        self._mark.setPos(place or 0.0)
        self.marked.emit(place)

    def _dress(self) -> None:
        """Take the colours and the letters that are in force."""
        self.setBackground(theme.colour("bg"))
        font, text = theme.font(theme.SMALL_PX), theme.colour("muted")
        letters = {"color": text.name(), "font-size": f"{font.pixelSize()}px"}
        labels = {"bottom": self._plot.x_label, "left": self._plot.y_label}
        for name, label in labels.items():
            axis = self.getAxis(name)
            axis.setTickFont(font)
            axis.setTextPen(text)
            axis.setPen(theme.colour("line"))
            axis.setStyle(tickLength=-4, tickTextOffset=6)
            axis.enableAutoSIPrefix(False)
            self.setLabel(name, translated(label), **letters)
        self.showGrid(x=False, y=True, alpha=0.9)
        self._mark.setPen(pg.mkPen(text, style=Qt.PenStyle.DashLine))
        for number, item in enumerate(self._items):
            colour, style, _ = stroke(number)
            item.setPen(pg.mkPen(colour, width=_WIDTH, style=style))
