"""A quiet bar that says what was done and offers to undo it."""

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QWidget

from chatapp.gui import icons, theme
from chatapp.gui.chat.elided_label import ElidedLabel

_SHOWN_MS = 10_000


class NoticeBar(QFrame):
    """Shows one notice for a while; its time stands still under the pointer and with the focus."""

    undo_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.mark(self, surface="bubble")
        self._text = ElidedLabel(parent=self)
        self._undo = QPushButton(self)
        self._undo.setObjectName("undoButton")
        theme.mark(self._undo, kind="quiet")
        close = QToolButton(self)
        close.setIcon(icons.icon("close"))
        close.setAccessibleName(self.tr("Close this notice"))
        theme.mark(close, kind="icon")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 4, 6, 4)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._undo)
        layout.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SHOWN_MS)
        self._timer.timeout.connect(self._time_over)
        self._undo.clicked.connect(self._on_undo)
        close.clicked.connect(self.hide)
        self.hide()

    def show_notice(self, text: str, undo_label: str) -> None:
        """Show `text`, with a button when `undo_label` is not empty."""
        self._text.setText(text)
        self._undo.setText(undo_label)
        self._undo.setVisible(bool(undo_label))
        self.setAccessibleName(text)
        self.show()
        self._timer.start()

    @property
    def has_undo(self) -> bool:
        """Whether there is something to undo on show."""
        return not self.isHidden() and not self._undo.isHidden()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        self._timer.start()

    def _time_over(self) -> None:
        if self.isAncestorOf(self.window().focusWidget() or self.window()):
            self._timer.start()
        else:
            self.hide()

    def _on_undo(self) -> None:
        self.hide()
        self.undo_requested.emit()
