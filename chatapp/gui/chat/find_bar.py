"""The bar that finds words in the conversation on show."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from chatapp.gui import icons, theme

_WIDTH = 360


class FindBar(QFrame):
    """A field, how many hits there are, and buttons to go through them."""

    words_changed = Signal(str)
    step_requested = Signal(int)  # 1 for the next hit, -1 for the one before
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("findBar")
        self._field = QLineEdit(self)
        self._field.setPlaceholderText(self.tr("Find in this conversation"))
        self._field.setAccessibleName(self.tr("Find in this conversation"))
        self._count = QLabel(self)
        theme.mark(self._count, tone="muted", letters="small")
        before = self._button("chevron-up", self.tr("Previous hit (Shift+Enter)"))
        after = self._button("chevron-down", self.tr("Next hit (Enter)"))
        close = self._button("close", self.tr("Close (Esc)"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self._field, 1)
        for widget in (self._count, before, after, close):
            layout.addWidget(widget)
        self._stops: list[QWidget] = [self._field, before, after, close]
        self._field.textChanged.connect(self.words_changed)
        before.clicked.connect(lambda: self.step_requested.emit(-1))
        after.clicked.connect(lambda: self.step_requested.emit(1))
        close.clicked.connect(self.close_bar)
        self.hide()

    def words(self) -> str:
        """What is looked for; nothing while the bar is closed."""
        return "" if self.isHidden() else self._field.text()

    def open_bar(self) -> None:
        """Show the bar, ready for other words."""
        self.show()
        self.raise_()
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()

    def close_bar(self) -> None:
        """Hide the bar; its words stay for the next time."""
        self.hide()
        self.closed.emit()

    def show_count(self, number: int, count: int) -> None:
        """Say which hit is shown, counted from 1, and how many there are."""
        self._count.setText(f"{number}/{count}" if self._field.text() else "")
        self._count.setAccessibleName(self.tr("Hit {} of {}").format(number, count))

    def place(self, width: int) -> None:
        """Stand at the upper right corner of something that wide."""
        self.resize(min(_WIDTH, width - 16), self.sizeHint().height())
        self.move(width - self.width() - 16, 8)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes around in the bar."""
        focus = self.focusWidget()
        index = self._stops.index(focus) if focus in self._stops else 0
        target = self._stops[(index + (1 if forward else -1)) % len(self._stops)]
        target.setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        is_back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.matches(QKeySequence.StandardKey.FindPrevious) or (is_enter and is_back):
            self.step_requested.emit(-1)
        elif event.matches(QKeySequence.StandardKey.FindNext) or is_enter:
            self.step_requested.emit(1)
        else:
            event.accept()  # keys of the bar are none of the conversation's

    def _button(self, icon: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icons.icon(icon))
        button.setAccessibleName(name)
        button.setToolTip(name)
        theme.mark(button, kind="icon")
        return button
