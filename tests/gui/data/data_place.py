"""The dialogs of the user's data over a real history, used as a person would."""

import sys
from collections.abc import Callable
from pathlib import Path

from chat_place import Chat
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QLabel,
    QMessageBox,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from chatapp.gui.data.data_controller import DataController
from chatapp.storage.records import StoredConversation

sys.path.append(str(Path(__file__).parents[2] / "transfer"))

LEFT = Qt.MouseButton.LeftButton


class DataPlace:
    """The Chat place with the controller of the user's data."""

    def __init__(self, qtbot: QtBot, chat: Chat) -> None:
        self.qtbot = qtbot
        self.chat = chat
        self.store = chat.history.store
        self.data = DataController(chat.page, chat.history, chat.controller, chat.parts)
        chat.controller.start()
        chat.page.show()

    def keep(self, *conversations: StoredConversation) -> None:
        """Put conversations into the history."""
        for number, conversation in enumerate(conversations):
            time = f"2026-11-2{number}T10:00:00.000000+00:00"
            self.store.import_conversation(conversation, time, time).result()

    def titles(self) -> list[str]:
        """The titles in the history, the newest first."""
        return [line.title for line in self.store.list_conversations().result()]

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=20_000)

    def dialog(self) -> QDialog:
        """The sheet that is open."""
        self.wait(lambda: self._sheets())
        return self._sheets()[-1]

    def _sheets(self) -> list[QDialog]:
        dialogs = self.chat.page.window().findChildren(QDialog)
        others = (QFileDialog, QMessageBox)
        return [one for one in dialogs if one.isVisible() and not isinstance(one, others)]

    def button(self, label: str, inside: QWidget | None = None) -> QAbstractButton:
        inside = inside or self.dialog()
        (button,) = [
            one
            for one in inside.findChildren(QAbstractButton)
            if one.text().replace("&", "") == label and one.window() is inside.window()
        ]
        return button

    def press(self, label: str) -> None:
        """Press a button of the sheet that is open, once it can be pressed."""
        button = self.button(label)
        self.wait(button.isEnabled)
        if isinstance(button, QCheckBox):
            button.setFocus()
            self.qtbot.keyClick(button, Qt.Key.Key_Space)
        else:
            self.qtbot.mouseClick(button, LEFT)

    def answer(self, label: str) -> None:
        """Answer the question that is asked."""
        boxes = self.dialog().findChildren(QMessageBox)
        self.qtbot.mouseClick(self.button(label, boxes[-1]), LEFT)
        self.wait(lambda: not self.dialog().findChildren(QMessageBox))

    def choose_file(self, path: Path) -> None:
        """Name a file in the dialog that asks for one."""
        self.wait(lambda: self.dialog().findChildren(QFileDialog))
        asking = self.dialog().findChildren(QFileDialog)[-1]
        asking.setOption(QFileDialog.Option.DontConfirmOverwrite)
        asking.setDirectory(str(path.parent))
        asking.selectFile(path.name)
        asking.accept()

    def choose(self, name: str, words: str) -> None:
        """Choose in the field of that name, by its keys."""
        (field,) = [
            one for one in self.dialog().findChildren(QComboBox) if one.accessibleName() == name
        ]
        field.setFocus()
        self.qtbot.keyClick(field, Qt.Key.Key_Home)
        for _ in range(field.count()):
            if field.currentText() == words:
                return
            self.qtbot.keyClick(field, Qt.Key.Key_Down)
        raise AssertionError(f"{words} cannot be chosen, only {field.currentText()}")

    def said(self) -> str:
        """All the words that are on show in the sheet."""
        labels = self.dialog().findChildren(QLabel)
        return "\n".join(label.text() for label in labels if label.isVisible())

    def wait_for(self, words: str) -> None:
        self.wait(lambda: words in self.said())

    def table(self) -> QTableView:
        found = self.dialog().findChild(QTableView)
        assert isinstance(found, QTableView)
        return found

    def rows(self) -> list[list[str]]:
        """What the table of the sheet shows."""
        model = self.table().model()
        columns = range(model.columnCount())
        return [
            [str(model.index(row, column).data()) for column in columns]
            for row in range(model.rowCount())
        ]

    def close(self) -> None:
        self.data.close()
