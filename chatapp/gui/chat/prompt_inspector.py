"""The exact text that a model reads, its special tokens among the words."""

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from chatapp.gui import theme
from chatapp.gui.chat.copy_button import CopyButton
from chatapp.gui.models import wording

# How templates write what stands for a single token.
_SPECIAL = re.compile(r"<\|[^<>|\n]{1,40}\|?>|</?s>|\[/?[A-Z_]{3,20}\]|</?[a-z]+_of_[a-z]+>")


class _Highlighter(QSyntaxHighlighter):
    """Tells special tokens from the words around them."""

    def highlightBlock(self, text: str) -> None:
        special = QTextCharFormat()
        special.setForeground(theme.colour("accent"))
        for found in _SPECIAL.finditer(text):
            self.setFormat(found.start(), found.end() - found.start(), special)


class PromptInspector(QDialog):
    """Shows a prompt to be read and copied."""

    def __init__(
        self, text: str, n_tokens: int, n_ctx: int, n_left_out: int, model: str, parent: QWidget
    ) -> None:
        """Build the dialog.

        Args:
            text: The prompt.
            n_tokens: Its length for the model.
            n_ctx: The context it must fit in.
            n_left_out: How many messages of the conversation are not in it.
            model: Who reads it so.
            parent: The owner.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("What the model reads"))
        self.resize(720, 560)
        self.view = QPlainTextEdit(self)
        self.view.setPlainText(text)
        self.view.setReadOnly(True)
        self.view.setFont(theme.code_font())
        self.view.setTabChangesFocus(True)
        self.view.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.view.setAccessibleName(self.tr("What the model reads"))
        self._highlighter = _Highlighter(self.view.document())
        theme.notifier.changed.connect(self._highlighter.rehighlight)
        self.figures = QLabel(self._figures(n_tokens, n_ctx, n_left_out, model), self)
        self.figures.setWordWrap(True)
        theme.mark(self.figures, tone="muted")
        self.copy_button = CopyButton(lambda: text, self.tr("Copy all of it"), self)
        self.copy_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        close = QPushButton(self.tr("Close"), self)
        close.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self.figures, 1)
        row.addWidget(self.copy_button)
        row.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addWidget(self.view)
        layout.addLayout(row)

    def _figures(self, n_tokens: int, n_ctx: int, n_left_out: int, model: str) -> str:
        text = self.tr("{} of {} tokens, as {} reads them").format(
            wording.number(n_tokens), wording.number(n_ctx), model
        )
        if n_left_out:
            text += " · " + self.tr("messages left out: {}").format(n_left_out)
        return text
