"""Loads what draws the curves, pyqtgraph, while the window goes on.

It asks for every class of Qt. PySide makes a class when it is first asked for, and two threads that
do so at once crash now and then: pyqtgraph cannot be imported beside the window. So numpy is, the
classes are asked for here in short turns, and what is left then takes a tenth of a second.
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal

from chatapp.gui.background import short_turns

_TURN_S = 0.005


class _Carrier(QObject):
    """Says in the window's thread that numpy is there."""

    loaded = Signal()


class PlotLoader(QObject):
    """Loads once, from the moment it is made.

    Args:
        pool: Where numpy is loaded.

    Signals:
        loaded: `chatapp.gui.lab.curve_plot` can be imported at once.
    """

    loaded = Signal()

    def __init__(self, pool: QThreadPool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names = _names_of_qt()
        self._turns = QTimer(self, interval=0)
        self._turns.timeout.connect(self._take_turn)
        carrier = _Carrier()
        carrier.loaded.connect(self._turns.start)
        pool.start(partial(_load_numpy, carrier))

    def _take_turn(self) -> None:
        end = time.perf_counter() + _TURN_S
        for module, name in self._names:
            getattr(module, name)
            if time.perf_counter() > end:
                return
        self._turns.stop()
        with _own_hooks():
            import chatapp.gui.lab.curve_plot  # noqa: F401
        self.loaded.emit()


def _names_of_qt() -> Iterator[tuple[object, str]]:
    return ((module, name) for module in (QtCore, QtGui, QtWidgets) for name in dir(module))


def _load_numpy(carrier: _Carrier) -> None:
    with short_turns():
        __import__("numpy")  # the window itself never computes with it
    with suppress(RuntimeError):  # the program has ended meanwhile
        carrier.loaded.emit()


@contextmanager
def _own_hooks() -> Iterator[None]:
    """Keep who hears of a crash: pyqtgraph would put itself there, and print."""
    hooks = sys.excepthook, threading.excepthook
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = hooks
