"""No link is opened before its whole address was seen and the user said yes."""

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QIcon, QTextOption
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from chatapp.gui import theme


class LinkDialog(QDialog):
    """Asks whether an address is to be opened in the browser."""

    def __init__(self, address: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._url = QUrl(address)
        self.setWindowTitle(self.tr("Open a link"))
        self.setMinimumWidth(440)
        title = QLabel(self.tr("Open this address in your browser?"), self)
        theme.mark(title, letters="large")
        host = QLabel(self.tr("It leads to {}.").format(self._url.host()), self)
        host.setWordWrap(True)
        theme.mark(host, tone="muted")
        shown = QPlainTextEdit(address, self)
        shown.setReadOnly(True)
        shown.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        shown.setFixedHeight(84)
        shown.setAccessibleName(self.tr("Address"))
        buttons = QDialogButtonBox(self)
        reject = buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        accept = buttons.addButton(self.tr("Open"), QDialogButtonBox.ButtonRole.AcceptRole)
        theme.mark(accept, kind="primary")
        reject.setIcon(QIcon())
        reject.setDefault(True)  # Enter pressed too fast opens nothing
        accept.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(10)
        for widget in (title, host, shown, buttons):
            layout.addWidget(widget)
        buttons.rejected.connect(self.reject)
        buttons.accepted.connect(self.accept)
        self.accepted.connect(self._open)
        reject.setFocus()

    def _open(self) -> None:
        if self._url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(self._url)
