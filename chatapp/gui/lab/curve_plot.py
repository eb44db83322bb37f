"""One plot of a run's curves: drawn by pyqtgraph, in our colours, with a mark that reads values.

Importing this loads pyqtgraph and numpy, a second's work: see PlotLoader.
"""

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QLocale, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from chatapp.gui import theme
from chatapp.gui.lab import wording
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


class CurvePlot(pg.PlotWidget):  # type: ignore[misc]
    """Draws lines over steps. The pointer, or the arrow keys, choose a step to read values at.

    Signals:
        marked: The step that is looked at; -1 for none.
    """

    marked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        axes = {"bottom": _Axis("bottom"), "left": _Axis("left")}
        super().__init__(parent, axisItems=axes)
        self.setObjectName("runCurve")
        self.setMinimumHeight(_LEAST_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.getPlotItem().layout.setContentsMargins(0, 4, 4, 4)  # the axis' words need the last
        self._curves: tuple[Curve, ...] = ()
        self._finest = Curve((), ())  # whose steps are those one can look at
        self._axis = ""
        self._step = -1
        self._items: list[pg.PlotDataItem] = []
        self._mark = pg.InfiniteLine(angle=90, movable=False)
        self._mark.hide()
        self.addItem(self._mark, ignoreBounds=True)
        self.scene().sigMouseMoved.connect(self._on_pointer)
        theme.notifier.changed.connect(self._dress)
        theme.notifier.resized.connect(self._dress)
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

    def sizeHint(self) -> QSize:
        return QSize(360, theme.px(_HEIGHT))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the page scrolls

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._mark_step(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = self._finest.steps
        at = self._finest.index_near(self._step) if self._step >= 0 else len(steps)
        moves = {
            Qt.Key.Key_Left: at - 1,
            Qt.Key.Key_Right: at + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(steps) - 1,
        }
        if event.key() not in moves or not steps:
            event.ignore()
            return
        self._mark_step(steps[min(max(moves[Qt.Key(event.key())], 0), len(steps) - 1)])

    def _on_pointer(self, position: QPointF) -> None:
        box, curve = self.getPlotItem().getViewBox(), self._finest
        if not curve.steps or not box.sceneBoundingRect().contains(position):
            self._mark_step(-1)
            return
        self._mark_step(curve.steps[curve.index_near(box.mapSceneToView(position).x())])

    def _mark_step(self, step: int) -> None:
        if step == self._step:
            return
        self._step = step
        self._mark.setVisible(step >= 0)
        self._mark.setPos(step)
        self.marked.emit(step)

    def _dress(self) -> None:
        """Take the colours and the letters that are in force."""
        self.setBackground(theme.colour("bg"))
        font, text = theme.font(theme.SMALL_PX), theme.colour("muted")
        style = {"color": text.name(), "font-size": f"{font.pixelSize()}px"}
        for name in ("bottom", "left"):
            axis = self.getAxis(name)
            axis.setTickFont(font)
            axis.setTextPen(text)
            axis.setPen(theme.colour("line"))
            axis.setStyle(tickLength=-4, tickTextOffset=6)
            axis.enableAutoSIPrefix(False)
            self.setLabel(name, self.tr("Steps") if name == "bottom" else self._axis, **style)
        self.showGrid(x=False, y=True, alpha=0.9)
        self._mark.setPen(pg.mkPen(theme.colour("muted"), style=Qt.PenStyle.DashLine))
        for number, (item, curve) in enumerate(zip(self._items, self._curves, strict=True)):
            colour = theme.colour("muted" if number else "accent")
            item.setPen(pg.mkPen(colour, width=_FINE if number else _STRONG))
            item.setSymbol("o" if len(curve.steps) == 1 else None)  # no line can be drawn of it
            item.setSymbolSize(6)
            item.setSymbolPen(None)
            item.setSymbolBrush(colour)
