import sys

import pytest
from PySide6 import __version_info__
from PySide6.QtCore import QObject, Signal

_EMITS = 500


class _Emitter(QObject):
    emitted = Signal(bool)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="True and None are immortal there")
def test_emitting_signals_takes_no_references_from_true_and_none() -> None:
    emitter = _Emitter()
    seen: list[bool] = []
    emitter.emitted.connect(seen.append)
    before = (sys.getrefcount(True), sys.getrefcount(None))
    for _ in range(_EMITS):
        emitter.emitted.emit(True)
    seen.clear()
    after = (sys.getrefcount(True), sys.getrefcount(None))
    drifts = [new - old for old, new in zip(before, after, strict=True)]
    assert all(abs(drift) < _EMITS / 10 for drift in drifts), drifts


def test_pyside_is_no_version_that_loses_references() -> None:
    assert sys.version_info >= (3, 12) or __version_info__[:2] < (6, 12)
