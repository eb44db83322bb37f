"""The one line under the prompt: what is going on, how full the context is, how fast it goes."""

from typing import Literal

from PySide6.QtCore import QEvent, QLocale, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from chatapp.gui import theme
from chatapp.gui.models import wording

Phase = Literal["no_model", "idle", "loading", "waiting", "reading", "writing", "failed"]

_ABOVE, _BELOW = 2, 8


class Meter(QWidget):
    """A thin bar, filled from the left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fraction = 0.0
        self._colour_name = "accent"
        theme.notifier.changed.connect(self.update)

    def set_fraction(self, fraction: float, colour_name: str = "accent") -> None:
        """Fill that part of the bar, 0 to 1."""
        self._fraction = min(1.0, max(0.0, fraction))
        self._colour_name = colour_name
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(90, 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        bar = QRectF(0, (self.height() - 4) / 2, self.width(), 4)
        painter.setBrush(theme.colour("line"))
        painter.drawRoundedRect(bar, 2, 2)
        bar.setWidth(bar.width() * self._fraction)
        painter.setBrush(theme.colour(self._colour_name))
        painter.drawRoundedRect(bar, 2, 2)


class StatusLine(QWidget):
    """Phase and figures; where the window is narrow the least important part gives way first.

    Signals:
        prompt_requested: The text that the model reads is to be shown.
    """

    prompt_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._phase: Phase = "idle"
        self._pace: float | None = None  # of the reply that is being written
        self._tps: float | None = None  # of the last one
        self._arranging = QTimer(self, singleShot=True, interval=0)
        self._arranging.timeout.connect(self._arrange)
        self._meter = Meter(self)
        self._work = self._label()
        self._context = QPushButton(self)
        self._context.setObjectName("contextUse")
        self._context.setToolTip(self.tr("Show what the model reads"))
        self._context.clicked.connect(self.prompt_requested)
        theme.mark(self._context, kind="quiet", letters="small")
        self._warning = self._label()
        theme.mark(self._warning, tone="warn")
        self._speed = self._label()
        self._first_word = self._label()
        self._offline = self._label(self.tr("Offline"))
        self._offline.setToolTip(self.tr("Nothing you write leaves this computer."))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, _ABOVE, 4, _BELOW)
        layout.setSpacing(16)
        metered = QHBoxLayout()
        metered.setSpacing(8)
        for widget in (self._meter, self._work, self._context, self._warning):
            metered.addWidget(widget)
        layout.addLayout(metered)
        layout.addWidget(self._speed)
        layout.addWidget(self._first_word)
        layout.addStretch()
        layout.addWidget(self._offline)
        self.set_context(None, None)
        self.set_speed(None, None)

    def set_phase(
        self,
        phase: Phase,
        done: float,
        total: float,
        seconds_left: float | None,
        model: str,
        tps: float | None = None,
    ) -> None:
        """Say what is going on.

        Args:
            phase: What the engine is at.
            done: Loading: the part that is done, of `total`. Reading: tokens read.
            total: Loading: the whole. Reading: tokens to be read.
            seconds_left: Until the prompt is read; None while that is not known.
            model: Name of the model in use.
            tps: Writing: about how many tokens a second; None while that is not known.
        """
        self._phase = phase
        self._pace = tps
        self._work.setText(self._work_text(phase, done, total, seconds_left, model))
        busy = phase in ("loading", "reading") and total > 0
        if busy:
            self._meter.set_fraction(done / total)
        self._arrange()

    def set_context(self, used_tokens: int | None, n_ctx: int | None, warning: str = "") -> None:
        """Show how much of the context is used, and what will not fit; None hides a part."""
        self._fraction = used_tokens / n_ctx if used_tokens is not None and n_ctx else None
        text = self._context_text(used_tokens, n_ctx)
        self._context.setText(text)
        self._context.setAccessibleName(self.tr("{}. Show what the model reads").format(text))
        self._warning.setText(warning)
        self._arrange()

    def set_speed(self, tps: float | None, first_token_s: float | None) -> None:
        """Show how fast the last reply was; None hides a part."""
        self._tps = tps
        first = "" if first_token_s is None else _decimal(first_token_s, 2)
        self._first_word.setText(first and self.tr("first word after {} s").format(first))
        self._arrange()

    def text(self) -> str:
        """Everything the line says."""
        parts = (self._work, self._context, self._warning, self._speed, self._first_word)
        return "  ".join(part.text() for part in (*parts, self._offline) if not part.isHidden())

    def sizeHint(self) -> QSize:
        """As high whatever it says, so that the prompt above it never jumps."""
        height = self._context.sizeHint().height() + _ABOVE + _BELOW
        return QSize(super().sizeHint().width(), height)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())  # parts give way

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Not at once: a part that comes back has Qt lay the window out, in the midst of doing so.
        self._arranging.start()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._arrange()

    def _label(self, text: str = "") -> QLabel:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        theme.mark(label, tone="muted", letters="small")
        return label

    def _work_text(
        self, phase: Phase, done: float, total: float, seconds_left: float | None, model: str
    ) -> str:
        if phase == "no_model":
            return self.tr("No model yet")
        if phase == "loading":
            if total <= 0:
                return self.tr("Loading {}…").format(model)
            return self.tr("Loading {}… {} %").format(model, round(100 * done / total))
        if phase == "waiting":
            return self.tr("Waiting for the reply in another conversation…")
        if phase != "reading":
            return ""
        if total <= 0:
            return self.tr("Reading the prompt…")
        text = self.tr("Reading the prompt: {} of {} tokens").format(
            wording.number(round(done)), wording.number(round(total))
        )
        if seconds_left is None:
            return text
        return self.tr("{}, {} s left").format(text, max(1, round(seconds_left)))

    def _speed_text(self) -> str:
        """What was measured; of a reply that is being written it is only known about."""
        if self._phase == "writing":
            about = self._pace and self.tr("~{} tokens/s").format(_speed(self._pace))
            return about or ""
        return "" if self._tps is None else self.tr("{} tokens/s").format(_speed(self._tps))

    def _context_text(self, used: int | None, n_ctx: int | None) -> str:
        if not n_ctx:
            return ""
        if used is None:
            return self.tr("{} tokens of context").format(wording.number(n_ctx))
        return self.tr("{} of {} tokens").format(wording.number(used), wording.number(n_ctx))

    def _arrange(self) -> None:
        """While there is work to tell of, it takes the place of the figures."""
        working = bool(self._work.text())
        self._speed.setText(self._speed_text())
        if not working and self._fraction is not None:
            self._meter.set_fraction(self._fraction, "warn" if self._warning.text() else "accent")
        has_meter = (
            self._phase not in ("no_model", "waiting") if working else self._fraction is not None
        )
        parts: list[tuple[QWidget, bool]] = [
            (self._work, working),
            (self._context, not working and bool(self._context.text())),
            (self._warning, not working and bool(self._warning.text())),
            (self._meter, has_meter),
            (self._speed, not working and bool(self._speed.text())),
            (
                self._first_word,
                self._phase != "writing" and not working and bool(self._first_word.text()),
            ),
        ]
        room = self.width() - 8 - self._offline.sizeHint().width()
        for widget, is_wanted in parts:  # the most important first
            room -= widget.sizeHint().width() + 16 if is_wanted else 0
            widget.setVisible(is_wanted and room >= 0)


def _decimal(number: float, digits: int) -> str:
    return QLocale().toString(number, "f", digits)


def _speed(tps: float) -> str:
    return wording.number(round(tps)) if tps >= 10 else _decimal(tps, 1)
