"""What our plots share: colours, letters, and a mark by which pointer and keys read values.

Importing this loads pyqtgraph and numpy, a second's work: see PlotLoader.
"""

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from chatapp.gui import theme


class MarkedPlot(pg.PlotWidget):  # type: ignore[misc]
    """A plot with a mark at one of its places on the x axis.

    Args:
        axis: The kind of both axes.
        height: That it would like to have, in pixels of plain letters.
    """

    def __init__(self, axis: type[pg.AxisItem], height: int, parent: QWidget | None) -> None:
        super().__init__(parent, axisItems={name: axis(name) for name in ("bottom", "left")})
        self._height = height
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self._place: float | None = None
        self._mark = pg.InfiniteLine(angle=90, movable=False)
        self._mark.hide()
        self.addItem(self._mark, ignoreBounds=True)
        self.scene().sigMouseMoved.connect(self._on_pointer)
        theme.notifier.changed.connect(self._dress)
        theme.notifier.resized.connect(self._dress)

    def sizeHint(self) -> QSize:
        return QSize(360, theme.px(self._height))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the page scrolls

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._mark_place(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        places = self._places()
        last = len(places) - 1
        at = last + 1 if self._place is None else _nearest(places, self._place)
        moves = {
            Qt.Key.Key_Left: at - 1,
            Qt.Key.Key_Right: at + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if event.key() not in moves or not places:
            event.ignore()
            return
        self._mark_place(places[min(max(moves[Qt.Key(event.key())], 0), last)])

    def _places(self) -> Sequence[float]:
        """Where values can be read, from left to right."""
        raise NotImplementedError

    def _on_marked(self) -> None:
        """The mark stands at another of `_places`, or at none."""
        raise NotImplementedError

    def _labels(self) -> tuple[str, str]:
        """What the axes are called, the lower one first."""
        raise NotImplementedError

    def _dress_curves(self) -> None:
        raise NotImplementedError

    def _on_pointer(self, position: QPointF) -> None:
        box, places = self.getPlotItem().getViewBox(), self._places()
        if not places or not box.sceneBoundingRect().contains(position):
            self._mark_place(None)
            return
        self._mark_place(places[_nearest(places, box.mapSceneToView(position).x())])

    def _mark_place(self, place: float | None) -> None:
        if place == self._place:
            return
        self._place = place
        self._mark.setVisible(place is not None)
        self._mark.setPos(place or 0.0)
        self._on_marked()

    def _dress(self) -> None:
        """Take the colours and the letters that are in force."""
        self.setBackground(theme.colour("bg"))
        font, text = theme.font(theme.SMALL_PX), theme.colour("muted")
        letters = {"color": text.name(), "font-size": f"{font.pixelSize()}px"}
        for name, label in zip(("bottom", "left"), self._labels(), strict=True):
            axis = self.getAxis(name)
            axis.setTickFont(font)
            axis.setTextPen(text)
            axis.setPen(theme.colour("line"))
            axis.setStyle(tickLength=-4, tickTextOffset=6)
            axis.enableAutoSIPrefix(False)
            self.setLabel(name, label, **letters)
        self.showGrid(x=False, y=True, alpha=0.9)
        self._mark.setPen(pg.mkPen(text, style=Qt.PenStyle.DashLine))
        self._dress_curves()


def _nearest(places: Sequence[float], x: float) -> int:
    return min(range(len(places)), key=lambda at: abs(places[at] - x))
