"""The text of an attachment, to be read."""

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from chatapp.chat import Attachment
from chatapp.gui import theme
from chatapp.gui.chat.attachment_chips import describe_size
from chatapp.gui.chat.elided_label import ElidedLabel

_SHOWN = 200_000  # characters; laying out more would hold up the window


class AttachmentView(QDialog):
    """Shows what the model reads of an attachment."""

    def __init__(self, attachment: Attachment, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(attachment.name)
        self.resize(620, 420)
        name = ElidedLabel(attachment.name, self)
        theme.mark(name, letters="large")
        size = QLabel(self._describe(attachment), self)
        size.setWordWrap(True)
        theme.mark(size, tone="muted")
        text = QPlainTextEdit(attachment.text[:_SHOWN], self)
        text.setReadOnly(True)
        text.setTabChangesFocus(True)
        text.setAccessibleName(self.tr("Text of {}").format(attachment.name))
        buttons = QDialogButtonBox(self)
        close = buttons.addButton(self.tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        close.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(10)
        for widget in (name, size, text, buttons):
            layout.addWidget(widget)
        buttons.rejected.connect(self.reject)
        text.setFocus()

    def _describe(self, attachment: Attachment) -> str:
        size = describe_size(attachment)
        if len(attachment.text) <= _SHOWN:
            return size
        return self.tr("{}; the first {} are shown here").format(size, QLocale().toString(_SHOWN))
