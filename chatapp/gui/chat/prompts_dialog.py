"""The saved prompts, to be named, changed, added and deleted."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from chatapp.chat import clean
from chatapp.gui import icons, theme
from chatapp.gui.chat.notice_bar import NoticeBar
from chatapp.gui.saved_prompts import SavedPrompt

_LIST_WIDTH = 170


class PromptsDialog(QDialog):
    """What is changed here is in force when the dialog is closed, however that is done.

    Signals:
        changed: Every prompt there is now, as a list of SavedPrompt.
    """

    changed = Signal(list)

    def __init__(self, prompts: Sequence[SavedPrompt], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Saved prompts"))
        self.resize(600, 400)
        self._before = list(prompts)
        self._prompts = list(prompts)
        self._deleted: tuple[int, SavedPrompt] | None = None
        self._list = QListWidget(self)
        self._list.setAccessibleName(self.tr("Saved prompts"))
        self._name = QLineEdit(self)
        self._name.setAccessibleName(self.tr("Name"))
        self._name.setPlaceholderText(self.tr("Name"))
        self._text = QPlainTextEdit(self)
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName(self.tr("Text"))
        self._text.setPlaceholderText(self.tr("Text, with {{blanks}} to be filled in"))
        self._add = QPushButton(icons.icon("plus"), self.tr("New"), self)
        self._delete = QPushButton(icons.icon("trash"), self.tr("Delete"), self)
        self._notice = NoticeBar(self)
        self._lay_out()
        self._list.addItems([prompt.name for prompt in prompts])
        self._list.currentRowChanged.connect(self._show)
        self._name.textEdited.connect(self._on_edited)
        self._text.textChanged.connect(self._on_edited)
        self._add.clicked.connect(lambda: self.add(self.tr("New prompt"), ""))
        self._delete.clicked.connect(self._delete_current)
        self._notice.undo_requested.connect(self._undo)
        self.finished.connect(self._on_finished)
        self._list.setCurrentRow(0 if prompts else -1)
        self._show(self._list.currentRow())

    def add(self, name: str, text: str) -> None:
        """Add a prompt and let the user name it."""
        self._prompts.append(SavedPrompt(name, text))
        self._list.addItem(name)
        self._list.setCurrentRow(len(self._prompts) - 1)
        self._name.setFocus()
        self._name.selectAll()

    def _lay_out(self) -> None:
        self._list.setFixedWidth(_LIST_WIDTH)
        theme.mark(self._list, surface="panel")
        hint = QLabel(
            self.tr(
                "Type / in an empty prompt to use one. Tab goes from one {{blank}} to the next."
            ),
            self,
        )
        hint.setWordWrap(True)
        theme.mark(hint, tone="muted", letters="small")
        buttons = QDialogButtonBox(self)
        done = buttons.addButton(self.tr("Done"), QDialogButtonBox.ButtonRole.AcceptRole)
        done.clicked.connect(self.accept)
        theme.mark(done, kind="primary")
        for button in (self._add, self._delete):
            theme.mark(button, kind="quiet")
            button.setAutoDefault(False)
        left = QVBoxLayout()
        left.addWidget(self._list, 1)
        row = QHBoxLayout()
        row.addWidget(self._add)
        row.addWidget(self._delete)
        left.addLayout(row)
        right = QVBoxLayout()
        right.addWidget(self._name)
        right.addWidget(self._text, 1)
        right.addWidget(hint)
        both = QHBoxLayout()
        both.setSpacing(16)
        both.addLayout(left)
        both.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(both, 1)
        layout.addWidget(self._notice)
        layout.addWidget(buttons)

    def _show(self, row: int) -> None:
        prompt = self._prompts[row] if row >= 0 else SavedPrompt("", "")
        self._name.setText(prompt.name)
        self._text.blockSignals(True)
        self._text.setPlainText(prompt.text)
        self._text.blockSignals(False)
        for widget in (self._name, self._text, self._delete):
            widget.setEnabled(row >= 0)

    def _on_edited(self) -> None:
        row = self._list.currentRow()
        name = clean(self._name.text()).strip()
        self._prompts[row] = SavedPrompt(name, clean(self._text.toPlainText()))
        self._list.item(row).setText(name)

    def _delete_current(self) -> None:
        row = self._list.currentRow()
        self._deleted = row, self._prompts.pop(row)
        self._list.takeItem(row)
        self._show(self._list.currentRow())
        text = self.tr("Deleted “{}”").format(self._deleted[1].name)
        self._notice.show_notice(text, self.tr("Undo"))

    def _undo(self) -> None:
        assert self._deleted is not None
        row, prompt = self._deleted
        self._prompts.insert(row, prompt)
        self._list.insertItem(row, prompt.name)
        self._list.setCurrentRow(row)
        self._show(row)

    def _on_finished(self) -> None:
        kept = [prompt for prompt in self._prompts if prompt.text.strip()]
        named = [
            prompt if prompt.name else SavedPrompt(prompt.first_line()[:40], prompt.text)
            for prompt in kept
        ]
        if named != self._before:
            self.changed.emit(named)
