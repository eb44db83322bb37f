"""WrapRow: widgets side by side, and on further lines where one has no room for them all."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QStyle


class WrapRow(QLayout):
    """Gives each widget the size it wants, as far as the row is that wide."""

    def __init__(self, spacing: int) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max((place.bottom() + 1 for place in self._places(width)), default=0)

    def sizeHint(self) -> QSize:
        sizes = [item.sizeHint() for item in self._shown()]
        width = sum(size.width() + self.spacing() for size in sizes) - self.spacing()
        return QSize(max(0, width), max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        result = QSize(0, 0)
        for item in self._shown():
            result = result.expandedTo(item.minimumSize())
        return result

    def setGeometry(self, place: QRect) -> None:
        super().setGeometry(place)
        parent = self.parentWidget()
        assert parent is not None  # a layout without one places nothing
        direction = parent.layoutDirection()
        for item, own in zip(self._shown(), self._places(place.width()), strict=True):
            moved = own.translated(place.topLeft())
            item.setGeometry(QStyle.visualRect(direction, place, moved))

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _places(self, width: int) -> list[QRect]:
        """Where the widgets on show stand in a row of that width, from its corner."""
        lines: list[list[QRect]] = [[]]
        corner = QPoint(0, 0)
        for item in self._shown():
            size = _size(item, width)
            if lines[-1] and corner.x() + size.width() > width:
                corner = QPoint(0, _end(lines) + self.spacing())
                lines.append([])
            lines[-1].append(QRect(corner, size))
            corner += QPoint(size.width() + self.spacing(), 0)
        for line in lines:
            for place in line:
                place.setHeight(max(other.height() for other in line))
        return [place for line in lines for place in line]


def _size(item: QLayoutItem, width: int) -> QSize:
    wanted = item.sizeHint()
    if wanted.width() <= width:
        return wanted
    return QSize(width, item.heightForWidth(width) if item.hasHeightForWidth() else wanted.height())


def _end(lines: list[list[QRect]]) -> int:
    return max(place.bottom() + 1 for place in lines[-1])
