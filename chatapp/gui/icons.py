"""Our own icons: line drawings in assets/icons, tinted with the colours of the theme in force.

An icon is drawn anew from its outline at every size and scale, so it is crisp on any screen, and
it looks its colour up when it is painted, so it follows the theme by itself.
"""

from functools import cache

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from chatapp import paths
from chatapp.gui import theme


def icon(name: str, colour_name: str = "muted", checked_colour_name: str = "accent") -> QIcon:
    """The drawing `name` of assets/icons.

    Args:
        name: File name without its ending.
        colour_name: A colour of the palette.
        checked_colour_name: The colour while a button that carries the icon is checked.

    Raises:
        FileNotFoundError: If there is no such drawing.
    """
    return QIcon(_Engine(name, colour_name, checked_colour_name))


def pixmap(name: str, size: int, ratio: float, colour_name: str = "muted") -> QPixmap:
    """The drawing as a picture `size` pixels wide and high on a screen scaled by `ratio`."""
    result = QPixmap(round(size * ratio), round(size * ratio))
    result.setDevicePixelRatio(ratio)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    _drawing(name, theme.colour(colour_name).name()).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return result


def app_icon() -> QIcon:
    """The icon of the program."""
    return QIcon(str(paths.assets_dir() / "icon.svg"))


class _Engine(QIconEngine):
    def __init__(self, name: str, colour_name: str, checked_colour_name: str) -> None:
        super().__init__()
        _source(name)  # a misspelled name is to fail where it was written
        self._name = name
        self._colour_names = {QIcon.State.Off: colour_name, QIcon.State.On: checked_colour_name}

    def clone(self) -> QIconEngine:
        return _Engine(
            self._name,
            self._colour_names[QIcon.State.Off],
            self._colour_names[QIcon.State.On],
        )

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        name = "faint" if mode == QIcon.Mode.Disabled else self._colour_names[state]
        _drawing(self._name, theme.colour(name).name()).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        result = QPixmap(size)
        result.fill(Qt.GlobalColor.transparent)
        painter = QPainter(result)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return result


@cache
def _source(name: str) -> str:
    return (paths.assets_dir() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


@cache
def _drawing(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(_source(name).replace("currentColor", colour).encode())
