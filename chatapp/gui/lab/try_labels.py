"""Trying a classifier: a text, and how likely each label is while it is typed."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from chatapp.chat import clean
from chatapp.gui import theme
from chatapp.gui.chat.announcement import announce
from chatapp.gui.chat.elided_label import ElidedLabel
from chatapp.gui.lab import wording
from chatapp.runs.trial import Answer, Ask

_PAUSE_MS = 200  # in typing, after which the model is asked
_TEXT_HEIGHT = 84
_BAR_HEIGHT = 10
_NAME_WIDTH = 180
_MOST = 10  # labels on show


class LabelTrial(QWidget):
    """Asks for the labels of what is typed, in every pause of the typing.

    Attributes:
        fields: What the keys go through, in order.

    Signals:
        asked: An `Ask` for the model.
    """

    asked = Signal(object)

    def __init__(self, labels: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = QPlainTextEdit(self)
        self._text.setObjectName("tryItText")
        self._text.setAccessibleName(self.tr("A text to be sorted"))
        self._text.setPlaceholderText(self.tr("Type or paste a text to see how it is sorted."))
        self._text.setTabChangesFocus(True)
        self._bars = LabelBars(labels, self)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self._text.textChanged.connect(self._pause.start)
        self.fields: tuple[QWidget, ...] = (self._text,)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._text)
        layout.addWidget(self._bars)
        self._measure()

    def show_answer(self, asked: Ask, answer: Answer) -> None:
        """Show how likely each label is; of a text that is gone, nothing."""
        if self._typed().strip():
            self._bars.show_probs(answer.probs)

    def stop_waiting(self) -> None:
        """No answer comes: the bars stay as they are."""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._measure()

    def _measure(self) -> None:
        self._text.setFixedHeight(theme.px(_TEXT_HEIGHT))

    def _typed(self) -> str:
        return clean(self._text.toPlainText())

    def _ask(self) -> None:
        if self._typed().strip():
            self.asked.emit(Ask(text=self._typed()))
        else:
            self._bars.show_probs(())


class LabelBars(QWidget):
    """A row for each label: its name, a bar and its probability.

    The rows stay where they are; of many labels the likeliest are on show.
    """

    def __init__(self, labels: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tryItLabels")
        self._labels = tuple(labels)
        self._likeliest = -1
        self._rows: list[tuple[ElidedLabel, _Bar, QLabel]] = []
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row in range(min(len(labels), _MOST)):
            name, bar, value = ElidedLabel(parent=self), _Bar(self), QLabel(self)
            name.setMaximumWidth(_NAME_WIDTH)
            value.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
            for column, widget in enumerate((name, bar, value)):
                grid.addWidget(widget, row, column)
            self._rows.append((name, bar, value))
        self.show_probs(())

    def show_probs(self, probs: Sequence[float]) -> None:
        """Show the probabilities, one for each label; none at all for no text."""
        known = probs or (0.0,) * len(self._labels)
        order = sorted(range(len(self._labels)), key=lambda one: -known[one])
        likeliest = order[0] if probs else -1
        shown = sorted(order[: len(self._rows)])
        for number, (name, bar, value) in zip(shown, self._rows, strict=True):
            for label in (name, value):
                theme.mark(label, letters="heading" if number == likeliest else "")
            name.setText(self._labels[number])
            value.setText(wording.percent(known[number]) if probs else "–")
            bar.show_share(known[number], is_strong=number == likeliest)
        said = [f"{self._labels[one]} {wording.percent(known[one])}" for one in order[:_MOST]]
        self.setAccessibleName(", ".join(said) if probs else self.tr("No text yet"))
        if likeliest not in (-1, self._likeliest):
            announce(self, self.accessibleName)
        self._likeliest = likeliest


class _Bar(QWidget):
    """A share of one as a part of its width."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._share, self._is_strong = 0.0, False

    def show_share(self, share: float, *, is_strong: bool) -> None:
        self._share, self._is_strong = share, is_strong
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(160), theme.px(_BAR_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(40), theme.px(_BAR_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        place = self.rect()
        radius = place.height() / 2
        painter.setBrush(theme.colour("bubble"))
        painter.drawRoundedRect(place, radius, radius)
        if (width := round(self._share * place.width())) > 0:
            place.setWidth(max(width, place.height()))
            painter.setBrush(theme.colour("accent" if self._is_strong else "faint"))
            painter.drawRoundedRect(place, radius, radius)
