"""Formulas as drawings: TeX in, outlines in the colour of the text out, made beside the window.

A formula that has not been drawn yet, or cannot be, is for whoever shows it to write as plain
text; `notifier.drawn` says when there is something new to see.
"""

import re
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, lru_cache

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgRenderer

from chatapp.gui import theme
from chatapp.gui.background import short_turns
from chatapp.gui.chat.markdown_math import is_displayed, tex_of

_LONGEST = 800  # characters: a longer one takes too long, and is wider than any window
_KEPT = 2_000  # drawings, a few kilobytes each
_PIXELS = 100.0  # the size they are drawn for
_INK = "#010203"  # stands for the colour of the text
_UNKNOWN = re.compile(r"\\[A-Za-z]")  # a command that was taken for a name
_TOGETHER_MS = 50  # what is drawn within such a time is shown at once


class Notifier(QObject):
    """Says that formulas were drawn that could not be shown before."""

    drawn = Signal()
    one_drawn = Signal()  # comes from the thread that draws

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_TOGETHER_MS)
        self._timer.timeout.connect(self.drawn)
        self.one_drawn.connect(self._timer.start)


notifier = Notifier()


class Drawing:
    """A formula; lengths are in ems, from the line that letters stand on."""

    def __init__(self, svg: str) -> None:
        self._svg = svg
        box = _renderer(svg, _INK).viewBoxF()
        self.width = box.width() / _PIXELS
        self.ascent = -box.top() / _PIXELS
        self.descent = box.bottom() / _PIXELS

    def paint(self, painter: QPainter, place: QRectF, colour_name: str) -> None:
        """Draw it in a colour of the theme."""
        _renderer(self._svg, theme.colour(colour_name).name()).render(painter, place)


def drawing(source: str) -> Drawing | None:
    """The drawing of a formula given with its marks; none if it is broken, or not ready yet."""
    future = _begun(source)
    if not future.done():
        return None
    svg = future.result()
    return _drawing(svg) if svg else None


def is_waiting(source: str) -> bool:
    """Whether a formula may still be drawn."""
    return not _begun(source).done()


@lru_cache(_KEPT)
def _begun(source: str) -> "Future[str]":
    future: Future[str]
    if len(source) > _LONGEST:
        future = Future()
        future.set_result("")
        return future
    future = _worker().submit(_draw, source)
    future.add_done_callback(lambda _: notifier.one_drawn.emit())
    return future


@lru_cache(_KEPT)
def _drawing(svg: str) -> Drawing:
    return Drawing(svg)


@lru_cache(_KEPT)
def _renderer(svg: str, colour: str) -> QSvgRenderer:
    result = QSvgRenderer(QByteArray(svg.replace(_INK, colour).encode()))
    result.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
    return result


@cache
def _worker() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "formula")


def _draw(source: str) -> str:
    """The formula as SVG; nothing if it cannot be read."""
    with short_turns():
        try:
            from ziamath import zmath  # 150 ms that nobody waits for
            from ziamath.config import config

            config.svg2 = False  # plain outlines, which QtSvg draws
            tex, is_inline = tex_of(source), not is_displayed(source)
            formula = zmath.Latex(tex, size=_PIXELS, color=_INK, inline=is_inline)
            if _UNKNOWN.search("".join(formula.element.itertext())):
                return ""
            return str(formula.svg())
        except Exception:  # ziamath raises whatever comes on TeX that it cannot read
            return ""
