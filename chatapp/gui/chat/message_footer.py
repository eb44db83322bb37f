"""The line under a message: what can be done with it, which version it is, who wrote it, when."""

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QDate, QDateTime, QLocale, QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from chatapp.gui import icons, theme
from chatapp.gui.chat.copy_button import CopyButton
from chatapp.gui.chat.elided_label import ElidedLabel
from chatapp.gui.chat.message_actions import is_cut
from chatapp.storage.records import StoredMessage


class MessageFooter(QWidget):
    """Buttons and a few words; built when somebody comes near the message."""

    action_requested = Signal(str)  # a `MessageAction`
    menu_requested = Signal(QPoint)  # a place of the screen
    version_requested = Signal(str)

    def __init__(self, message: StoredMessage, text: Callable[[], str], parent: QWidget) -> None:
        super().__init__(parent)
        self._is_reply = message.role == "assistant"
        self._id = message.id
        self._siblings: Sequence[str] = ()
        self._copy = CopyButton(text, self.tr("Copy this message"), self)
        self._edit = self._button("edit", self.tr("Edit this message (F2)"), self.tr("Edit"))
        self._again = self._button("again", self.tr("Write this reply again"), self.tr("Again"))
        self._continue = self._button(
            "continue", self.tr("Write on where this reply ends"), self.tr("Continue")
        )
        self._older = self._button("chevron-left", self.tr("Show the version before"))
        self._newer = self._button("chevron-right", self.tr("Show the version after"))
        self._more = self._button("more", self.tr("More to do with this message"))
        for button in (self._older, self._newer):
            button.setFixedWidth(22)
        edited = self.tr("edited") if message.edited else ""
        about = " · ".join(filter(None, (message.model_name, edited, _when(message))))
        self._about = ElidedLabel(about, self)
        self._about.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
        self._count = QLabel(self)
        for label in (self._about, self._count):
            theme.mark(label, tone="muted", letters="small")
        self._again.setVisible(self._is_reply)
        self._continue.setVisible(is_cut(message))
        self._lay_out()
        self._edit.clicked.connect(lambda: self.action_requested.emit("edit"))
        self._again.clicked.connect(lambda: self.action_requested.emit("regenerate"))
        self._continue.clicked.connect(lambda: self.action_requested.emit("continue"))
        self._more.clicked.connect(self._open_menu)
        self._older.clicked.connect(lambda: self._request_version(-1))
        self._newer.clicked.connect(lambda: self._request_version(1))

    def set_versions(self, siblings: Sequence[str]) -> None:
        """Say which messages are versions of this one, itself among them, oldest first."""
        self._siblings = siblings
        has_more = len(siblings) > 1 and self._id in siblings
        for widget in (self._older, self._count, self._newer):
            widget.setVisible(has_more)
        if has_more:
            number = siblings.index(self._id) + 1
            self._count.setText(f"{number}/{len(siblings)}")
            self._count.setAccessibleName(self.tr("Version {} of {}").format(number, len(siblings)))
            self._older.setEnabled(number > 1)
            self._newer.setEnabled(number < len(siblings))

    def _button(self, icon: str, name: str, text: str = "") -> QPushButton:
        button = QPushButton(self)
        button.setIcon(icons.icon(icon))
        button.setText(text)
        button.setAccessibleName(name)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the transcript leads the Tab key here
        button.setToolTip(name)
        theme.mark(button, kind="quiet" if text else "icon", letters="small")
        return button

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        if not self._is_reply:
            layout.addWidget(self._about, 1)
            layout.addSpacing(6)
        actions = (self._copy, self._edit, self._again, self._continue)
        for widget in (*actions, self._older, self._count, self._newer, self._more):
            layout.addWidget(widget)
        if self._is_reply:
            layout.addWidget(self._about, 1)

    def _open_menu(self) -> None:
        self.menu_requested.emit(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def _request_version(self, step: int) -> None:
        self.version_requested.emit(self._siblings[self._siblings.index(self._id) + step])


def _when(message: StoredMessage) -> str:
    """The local time, with the day where it was not today."""
    seconds = datetime.fromisoformat(message.created_at).timestamp()
    moment = QDateTime.fromSecsSinceEpoch(int(seconds))
    locale = QLocale()
    is_plain = locale.language() == QLocale.Language.C
    pattern = "H:mm" if is_plain else locale.timeFormat(QLocale.FormatType.ShortFormat)
    time = locale.toString(moment.time(), pattern)
    if moment.date() == QDate.currentDate():
        return time
    day = locale.toString(moment.date(), QLocale.FormatType.ShortFormat)
    return f"{day}, {time}"
