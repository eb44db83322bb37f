"""Fields for yes or no, one of a few values, a number, a search and a text.

None takes a wrong value.
"""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QFocusEvent, QHideEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QWidget,
)

from chatapp.chat import clean
from chatapp.gui import icons, theme

_ARROW = 14
_MARGIN = 7
_NUMBER_WIDTH = 118  # has room for 1,000,000, so that fields one below another are alike
_PAUSE_MS = 400  # in typing, after which a text is taken


class CheckBox(QCheckBox):
    """Yes or no."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.isChecked():
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        element = QStyle.SubElement.SE_CheckBoxIndicator
        box = self.style().subElementRect(element, option, self)
        size = min(box.width(), box.height())
        tick = icons.pixmap("check", size, self.devicePixelRatioF(), "on-accent")
        QPainter(self).drawPixmap(box.topLeft(), tick)


class Choice(QComboBox):
    """One of a few values, each with the words that stand for it.

    Signals:
        chosen: The user chose another value.
    """

    chosen = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))

    def set_choices(self, choices: Sequence[tuple[object, str]], value: object) -> None:
        """Offer these values and words; emits nothing."""
        self.clear()
        for choice, words in choices:
            self.addItem(words, choice)
        self.set_value(value)

    def set_value(self, value: object) -> None:
        """Show a value as the one in force."""
        self.setCurrentIndex(self.findData(value))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(96), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        arrow = icons.pixmap("chevron-down", _ARROW, self.devicePixelRatioF(), "muted")
        is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        x = 8 if is_mirrored else self.width() - _ARROW - 8
        QPainter(self).drawPixmap(QPointF(x, (self.height() - _ARROW) / 2), arrow)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls what the field stands in; it does not change values in passing."""
        event.ignore()


class NumberField(QDoubleSpinBox):
    """A number within its range, written as the user's language writes it.

    Signals:
        entered: The user entered another number.
    """

    entered = Signal(float)

    def __init__(
        self,
        name: str,
        low: float,
        high: float,
        *,
        decimals: int = 0,
        step: float = 1,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setDecimals(decimals)
        self.setRange(low, high)
        self.setSingleStep(step)
        self.setGroupSeparatorShown(True)
        self.setKeyboardTracking(False)  # a number is taken when it is whole
        self.setAlignment(Qt.AlignmentFlag.AlignTrailing)
        self.lineEdit().setTextMargins(_MARGIN, 0, _MARGIN, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.valueChanged.connect(self.entered)

    def show_value(self, value: float) -> None:
        """Show a number; emits nothing."""
        self.blockSignals(True)
        self.setValue(value)
        self.blockSignals(False)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(_NUMBER_WIDTH), super().sizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """As for `Choice`."""
        event.ignore()


class SearchField(QLineEdit):
    """What to look for: a lens before it and, once there is something, a cross that empties it."""

    def __init__(self, hint: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(hint)
        self.setAccessibleName(name)
        self.addAction(icons.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.setClearButtonEnabled(True)
        cross = self.findChild(QAction, "_q_qlineeditclearaction")
        assert cross is not None
        cross.setIcon(icons.icon("close"))  # Qt's own is of another family
        theme.mark(self, kind="search")


class TextField(QPlainTextEdit):
    """A text of several lines, taken in every pause of the typing and when the field is left.

    Signals:
        entered: The user entered another text.
    """

    entered = Signal(str)

    def __init__(self, name: str, rows: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._rows = rows
        self._taken = ""
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._take)
        self.textChanged.connect(self._pause.start)

    def show_text(self, text: str) -> None:
        """Show a text; emits nothing. One that is being typed stays."""
        if text != self._taken:
            self._taken = text
            self.setPlainText(text)

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        height = self._rows * self.fontMetrics().lineSpacing() + theme.px(22)
        return QSize(super().sizeHint().width(), height)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._take()
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._take()
        super().hideEvent(event)

    def _take(self) -> None:
        self._pause.stop()
        text = clean(self.toPlainText())
        if text != self._taken:
            self._taken = text
            self.entered.emit(text)
