"""A text that scrolls inside itself where it is wider, or much higher, than its place."""

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QScrollBar, QWidget

from chatapp.gui import theme
from chatapp.gui.chat.text_view import TextView

_BAR_GAP = 4
_STEP = 40
_KEYS = {
    Qt.Key.Key_Left: (-_STEP, 0),
    Qt.Key.Key_Right: (_STEP, 0),
    Qt.Key.Key_Up: (0, -_STEP),
    Qt.Key.Key_Down: (0, _STEP),
}


class WideText(TextView):
    """Moves by its bars and the arrow keys; by the wheel once the pointer was moved over it.

    A pointer that text is scrolled under is not moved: the wheel goes on moving what it moved.
    """

    def __init__(
        self, font: QFont, parent: QWidget, *, wraps: bool, most_height: int | None = None
    ) -> None:
        """Build an empty text that is shown at most `most_height` high."""
        super().__init__(font, parent, wraps=wraps)
        self._most_height = most_height
        self._across: QScrollBar | None = None  # most texts never need one
        self._down: QScrollBar | None = None
        self._is_pointed_at = False

    @property
    def is_movable(self) -> bool:
        """Whether there is more to see than is in sight."""
        return self._across is not None or self._down is not None

    def fit(self, text_width: int, width: int) -> int:
        """Lay the text out that wide, and say how high all is in a place `width` wide."""
        height = self.heightForWidth(text_width)
        self._across = self._fitted(self._across, Qt.Orientation.Horizontal, text_width, width)
        shown = min(height, self._most_height or height)
        self._down = self._fitted(self._down, Qt.Orientation.Vertical, height, shown)
        self._move()
        return shown + self._across_height()

    def show_place(self, place: QRect) -> QPoint:
        if self._across is not None:
            _bring(self._across, place.left(), place.right())
        if self._down is not None:
            _bring(self._down, place.top(), place.bottom())
        return place.topLeft() - self._offset.toPoint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        below = self._across_height() - _BAR_GAP
        if self._across is not None:
            self._across.setGeometry(0, self.height() - below, self.width(), below)
        if self._down is not None:
            across = self._down.sizeHint().width()
            height = self.height() - self._across_height()
            self._down.setGeometry(self.width() - across, 0, across, height)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        is_across = abs(turn.x()) > abs(turn.y())
        bar = self._across if is_across else self._down if self._is_pointed_at else None
        is_more = bar is not None and _is_more(bar, turn.x() if is_across else turn.y())
        if bar is not None and (is_more or is_across):
            bar.event(event)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        across, down = _KEYS.get(Qt.Key(event.key()), (0, 0))
        bar = self._across if across else self._down if down else None
        if bar is not None and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            bar.setValue(bar.value() + across + down)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._is_pointed_at = True
        event.ignore()  # the message selects

    def leaveEvent(self, event: QEvent) -> None:
        self._is_pointed_at = False

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(theme.colour("accent"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _fitted(
        self, bar: QScrollBar | None, orientation: Qt.Orientation, whole: int, shown: int
    ) -> QScrollBar | None:
        """The bar that is needed to see the whole where only a part can be shown."""
        if whole <= shown:
            if bar is not None:
                bar.hide()
                bar.deleteLater()
            return None
        if bar is None:
            bar = QScrollBar(orientation, self)
            bar.setSingleStep(_STEP)
            bar.setCursor(Qt.CursorShape.ArrowCursor)
            bar.valueChanged.connect(self._move)
            bar.show()
        bar.setRange(0, whole - shown)
        bar.setPageStep(shown)
        return bar

    def _across_height(self) -> int:
        return 0 if self._across is None else _BAR_GAP + self._across.sizeHint().height()

    def _move(self) -> None:
        x = self._across.value() if self._across is not None else 0
        y = self._down.value() if self._down is not None else 0
        if self._offset != QPointF(x, y):
            self._offset = QPointF(x, y)
            self.update()


def _is_more(bar: QScrollBar, turn: int) -> bool:
    return bar.value() > bar.minimum() if turn > 0 else bar.value() < bar.maximum()


def _bring(bar: QScrollBar, first: int, last: int) -> None:
    if first < bar.value():
        bar.setValue(first)
    elif last > bar.value() + bar.pageStep():
        bar.setValue(last - bar.pageStep())
