"""One run of the real Chat place for `transcript`, in a process of its own; prints JSON.

A block is a time in which the GUI thread answers nothing.
"""

import gc
import json
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from time import perf_counter, thread_time

from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QApplication, QTextBrowser, QWidget

from benchmarks import _conversations
from chatapp.gui import theme
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.transcript import Transcript

TOKENS_PER_S = 200
TOKEN = 4  # characters
TICK_MS = 5  # one token
DELTA_S = 1 / 30  # what the engine sends together


class Blocks:
    """How long the GUI thread could not answer, found by a clock that ticks every millisecond."""

    def __init__(self) -> None:
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(1)
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self._last = perf_counter()
        self._frames: dict[int, float] = {}

    def longest_ms(self) -> list[float]:
        """The longest wait in each frame of 33 ms."""
        return list(self._frames.values())

    def _tick(self) -> None:
        now = perf_counter()
        frame = int(now * 30)
        blocked_ms = (now - self._last) * 1000 - 1
        self._frames[frame] = max(self._frames.get(frame, 0.0), blocked_ms)
        self._last = now


class Paints(QObject):
    """Calls back after each paint of a window."""

    def __init__(self, window: QWidget, painted: Callable[[], None]) -> None:
        super().__init__(window)
        self._painted = painted
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 a name of Qt's
        if event.type() == QEvent.Type.UpdateRequest:
            QTimer.singleShot(0, self._painted)
        return False


def each(ms: float, step: Callable[[], bool], blocks: Blocks) -> list[float]:
    """Take a step every so often while it says that there are more.

    Returns:
        Milliseconds of processor time from each step to the next.
    """
    loop = QEventLoop()
    clock_s: list[float] = []
    blocks.clear()

    def turn() -> None:
        clock_s.append(thread_time())
        if not step():
            loop.quit()

    timer = QTimer()
    timer.timeout.connect(turn)
    timer.start(int(ms))
    loop.exec()
    timer.stop()
    return [(after - before) * 1000 for before, after in pairwise(clock_s)]


def wait(ms: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def new_page() -> ChatPage:
    page = ChatPage()
    page.resize(1128, 760)
    page.show()
    wait(300)
    gc.freeze()  # as the program does after its first paint
    return page


def opened(n_messages: int) -> tuple[ChatPage, float]:
    """The page with a long conversation, and how many milliseconds that took until painted."""
    page = new_page()
    page.show_conversation(_conversations.conversation(2), {})
    wait(300)
    messages = _conversations.conversation(n_messages)
    begin = perf_counter()
    page.show_conversation(messages, {})
    page.repaint()
    elapsed_ms = (perf_counter() - begin) * 1000
    wait(500)
    return page, elapsed_ms


def streamed(page: ChatPage, number: int, text: str, blocks: Blocks) -> dict[str, float]:
    """Stream a text as the engine does; latency is from a token to the paint that shows it."""
    reply = _conversations.message(number, "", status="streaming")
    page.add_message(reply)
    pieces = iter([text[at : at + TOKEN] for at in range(0, len(text), TOKEN)])
    waiting: list[float] = []
    latencies_ms: list[float] = []

    def painted() -> None:
        now = perf_counter()
        latencies_ms.extend((now - since) * 1000 for since in waiting)
        waiting.clear()

    Paints(page, painted)
    begin = perf_counter()
    done = 0

    def feed() -> bool:
        nonlocal done
        due = int((perf_counter() - begin) * TOKENS_PER_S)
        delta = "".join(_take(pieces, due - done))
        done = due
        if delta:
            waiting.append(perf_counter() - DELTA_S)  # the first of it waited for the last
            page.append_reply(reply.id, delta, "")
        return bool(delta)

    cpu_ms = each(DELTA_S * 1000, feed, blocks)
    page.finish_reply(_conversations.message(number, text))
    wait(300)
    return report(blocks, cpu_ms) | {"latency_ms": _percentile(latencies_ms, 0.99)}


def flooded(page: ChatPage, number: int, text: str, blocks: Blocks, size: int) -> dict[str, float]:
    """Stream a long text in deltas of so many characters, thirty a second."""
    reply = _conversations.message(number, "", status="streaming")
    page.add_message(reply)
    pieces = iter([text[at : at + size] for at in range(0, len(text), size)])

    def feed() -> bool:
        delta = next(pieces, "")
        if delta:
            page.append_reply(reply.id, delta, "")
        return bool(delta)

    cpu_ms = each(DELTA_S * 1000, feed, blocks)
    page.finish_reply(_conversations.message(number, text))
    wait(500)
    return report(blocks, cpu_ms)


def scrolled(page: ChatPage, blocks: Blocks, n_steps: int) -> dict[str, float]:
    """Turn the wheel upwards, sixty times a second."""
    transcript = page.findChild(Transcript)
    assert transcript is not None
    bar = transcript.verticalScrollBar()
    left = n_steps

    def step() -> bool:
        nonlocal left
        left -= 1
        bar.setValue(bar.value() - 72)
        return left > 0

    return report(blocks, each(16, step, blocks))


def browsed(text: str, blocks: Blocks, size: int) -> dict[str, float]:
    """The plain way: the whole text set as markdown at every delta."""
    browser = QTextBrowser()
    browser.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    browser.resize(760, 760)
    browser.show()
    wait(300)
    ends = iter(range(size, len(text) + size, size))

    def feed() -> bool:
        end = next(ends, None)
        if end is not None:
            browser.setMarkdown(text[:end])
        return end is not None

    return report(blocks, each(DELTA_S * 1000, feed, blocks))


def report(blocks: Blocks, cpu_ms: list[float]) -> dict[str, float]:
    waits_ms = blocks.longest_ms()
    return {
        "p99_ms": _percentile(waits_ms, 0.99),
        "longest_ms": max(waits_ms),
        "cpu_p99_ms": _percentile(cpu_ms, 0.99),
    }


def _percentile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


def _take(pieces: Iterator[str], n_pieces: int) -> Iterator[str]:
    for _ in range(n_pieces):
        yield next(pieces, "")


def main(what: str, size: int) -> None:
    app = QApplication([])
    theme.apply(app, "light")
    blocks = Blocks()
    if what == "browser":
        result = browsed(_conversations.long_reply(), blocks, size)
    elif what == "long":
        page = new_page()
        page.show_conversation(_conversations.conversation(1), {})
        wait(500)  # the prompt is read
        result = flooded(page, 1, _conversations.long_reply(), blocks, size)
    else:
        page, opened_ms = opened(10_000)
        result = {"opened_ms": opened_ms}
        number = 10_001
        if what == "stream":
            result |= streamed(page, number, _conversations.rich_text(size), blocks)
        else:
            result |= scrolled(page, blocks, size)
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
