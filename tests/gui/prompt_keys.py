"""The prompt as a person uses it: by real keys, over the real history."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chat_place import Chat
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from chatapp import paths
from chatapp.gui.chat.prompt_box import PromptEdit
from chatapp.storage.records import Draft, StoredMessage
from chatapp.storage.store import ConversationStore

Open = Callable[..., Chat]
ENTER, UP, DOWN, ESCAPE = Qt.Key.Key_Return, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Escape
CONTROL = Qt.KeyboardModifier.ControlModifier
PASTE = "word " * 700


def show(chat: Chat) -> Chat:
    chat.begin()
    chat.page.resize(1128, 760)
    chat.page.show()
    chat.page.activateWindow()
    chat.qtbot.waitUntil(chat.page.isActiveWindow)
    chat.page.focus_prompt()
    return chat


def edit(chat: Chat) -> PromptEdit:
    return chat.page.prompt_box.edit


def write(chat: Chat, text: str) -> None:
    QTest.keyClicks(edit(chat), text)


def press(chat: Chat, key: Qt.Key, modifiers: Qt.KeyboardModifier | None = None) -> None:
    QTest.keyClick(edit(chat), key, modifiers or Qt.KeyboardModifier.NoModifier)


def ask(chat: Chat, text: str) -> str:
    """Type a text, send it by Enter and wait for the reply; gives the conversation's id."""
    write(chat, text)
    with chat.qtbot.waitSignal(chat.controller.became_free, timeout=60_000):
        press(chat, ENTER)
    return chat.controller.conversation.id


def show_conversation(chat: Chat, conversation_id: str) -> None:
    with chat.qtbot.waitSignal(chat.controller.shown, timeout=60_000):
        chat.page.conversation_requested.emit(conversation_id)


def paste(text: str = "", files: list[Path] | None = None) -> None:
    data = QMimeData()
    data.setText(text)
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files or []])
    QGuiApplication.clipboard().setMimeData(data)


def button(chat: Chat, name: str) -> QAbstractButton:
    """The button of that name; clicking it is what a mouse or the space bar would do."""
    found = chat.page.findChildren(QAbstractButton)
    return next(one for one in found if one.accessibleName() == name or one.text() == name)


def names(chat: Chat) -> list[str]:
    """The attachments on show, as a screen reader would read them."""
    found = chat.page.prompt_box.chips.widget().findChildren(QAbstractButton)
    return [one.accessibleName()[5:] for one in found if one.accessibleName().startswith("Show ")]


def queue(chat: Chat) -> list[str]:
    found = chat.page.queue_bar.findChildren(QAbstractButton)
    before = "Do not send: "
    found_names = [one.accessibleName() for one in found if one.isVisible()]
    return [name.removeprefix(before) for name in found_names if name.startswith(before)]


def draft_on_disk(conversation_id: str = "") -> Draft:
    """The draft that a program would find which starts after a crash now."""
    with store_after_a_crash() as store:
        if conversation_id:
            return store.load_draft(conversation_id).result()
        found = store.last_new_draft().result()
        return Draft() if found is None else found[1]


def messages_on_disk(conversation_id: str = "") -> list[StoredMessage]:
    """The messages of a conversation; without an id, of the only one."""
    with store_after_a_crash() as store:
        if not conversation_id:
            (summary,) = store.list_conversations().result()
            conversation_id = summary.id
        return list(store.open_conversation(conversation_id).result().path())


@contextmanager
def store_after_a_crash() -> Iterator[ConversationStore]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(paths.data_dir(), Path(folder) / "data"))
        store = ConversationStore(copy / paths.history_file().name)
        yield store
        store.close()
