"""The tree of a conversation, grown and cut by real keys and clicks under its messages."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from chat_place import Chat
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.gui.chat.editable_message import EditableMessage
from chatapp.gui.chat.message_editor import MessageEditor
from chatapp.storage.records import StoredConversation
from chatapp.storage.store import ConversationStore

Open = Callable[..., Chat]

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def open_shown(open_chat: Open, qtbot: QtBot) -> Open:
    """Opens the Chat place on the screen."""

    def open_it(engine_name: str) -> Chat:
        chat = open_chat(engine_name)
        chat.page.resize(1000, 700)
        chat.page.show()
        chat.page.activateWindow()
        qtbot.waitUntil(chat.page.isActiveWindow)
        chat.begin()
        return chat

    return open_it


def stored() -> list[StoredConversation]:
    """The history as a second program reads it."""
    store = ConversationStore(paths.history_file())
    opened = [
        store.open_conversation(entry.id).result() for entry in store.list_conversations().result()
    ]
    store.close()
    return opened


def view(chat: Chat, text: str) -> EditableMessage:
    return next(
        view
        for view in chat.page.findChildren(EditableMessage)
        if view.message.content == text and view.isVisible()
    )


def button(chat: Chat, text: str, name: str) -> QAbstractButton:
    """A button under a message that the pointer is on."""
    message = view(chat, text)
    message.setFocus()
    chat.wait(lambda: [b for b in message.tab_stops() if name in b.accessibleName()])
    found = next(b for b in message.tab_stops() if name in b.accessibleName())
    assert isinstance(found, QAbstractButton)
    return found


def click(chat: Chat, text: str, name: str) -> None:
    chat.qtbot.mouseClick(button(chat, text, name), Qt.MouseButton.LeftButton)


def choose(chat: Chat, text: str, name: str) -> None:
    """Choose a line in the menu of a message, by keys."""
    click(chat, text, "More")
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next(action for action in menu.actions() if name in action.text())
    menu.setActiveAction(action)
    QTest.keyClick(menu, Qt.Key.Key_Return)


def editor(chat: Chat) -> MessageEditor:
    return next(e for e in chat.page.findChildren(MessageEditor) if e.isVisible())


def write(chat: Chat, text: str) -> None:
    editor(chat).edit.selectAll()
    QTest.keyClicks(editor(chat).edit, text)


def settled(chat: Chat, texts: list[str]) -> None:
    chat.wait(lambda: chat.page.texts() == texts and not chat.controller.is_busy)


def test_a_question_edited_in_place_is_asked_again_as_a_version(open_shown: Open) -> None:
    chat = open_shown("polite")
    chat.ask("First")
    click(chat, "First", "Edit")
    assert editor(chat).edit.hasFocus()
    assert editor(chat).text == "First"
    write(chat, "Other")
    QTest.keyClick(editor(chat).edit, Qt.Key.Key_Return, CONTROL)
    settled(chat, ["Other", "Once upon a time"])
    asked = chat.controller.conversation.path()[0]
    assert len(chat.page.versions[asked.id]) == 2
    click(chat, "Other", "before")
    settled(chat, ["First", "Once upon a time"])
    QTest.keyClick(view(chat, "First"), Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    settled(chat, ["Other", "Once upon a time"])
    chat.close()
    (conversation,) = stored()
    assert [message.content for message in conversation.path()] == ["Other", "Once upon a time"]
    assert len(conversation.messages) == 4


def test_escape_leaves_a_message_as_it_was(open_shown: Open) -> None:
    chat = open_shown("polite")
    chat.ask("First")
    QTest.keyClick(view(chat, "First"), Qt.Key.Key_F2)
    write(chat, "Never mind")
    QTest.keyClick(editor(chat).edit, Qt.Key.Key_Escape)
    assert not [e for e in chat.page.findChildren(MessageEditor) if e.isVisible()]
    assert view(chat, "First").hasFocus()
    assert len(chat.controller.conversation.messages) == 2


def test_a_question_can_be_saved_without_being_sent(open_shown: Open) -> None:
    chat = open_shown("polite")
    chat.ask("First")
    click(chat, "First", "Edit")
    write(chat, "Later")
    (save,) = (b for b in editor(chat).findChildren(QPushButton) if b.text() == "Save")
    chat.qtbot.mouseClick(save, Qt.MouseButton.LeftButton)
    settled(chat, ["Later"])
    assert chat.page.error is not None
    assert chat.page.error[0] == "This message has no reply yet."


def test_a_reply_can_be_worded_otherwise(open_shown: Open) -> None:
    chat = open_shown("polite")
    chat.ask("First")
    click(chat, "Once upon a time", "Edit")
    write(chat, "Never")
    QTest.keyClick(editor(chat).edit, Qt.Key.Key_Return, CONTROL)
    settled(chat, ["First", "Never"])
    chat.ask("Second")
    chat.close()
    (conversation,) = stored()
    edited = conversation.path()[1]
    assert (edited.content, edited.edited, edited.ids) == ("Never", True, ())
    assert len(conversation.versions(edited.id)) == 2


def test_an_editor_keeps_its_words_when_the_history_cannot_be_written(
    open_shown: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = open_shown("polite")
    chat.ask("First")
    click(chat, "First", "Edit")
    write(chat, "Kept")
    chat.history.failed.emit("no")  # whatever is asked for next comes after it
    monkeypatch.setattr(chat.history, "add_user_message", lambda *_: chat.history.failed.emit("!"))
    QTest.keyClick(editor(chat).edit, Qt.Key.Key_Return, CONTROL)
    assert editor(chat).text == "Kept"
    assert chat.page.error is not None
    assert chat.page.error[0] == "The history has a problem."


def test_a_reply_cut_short_is_written_on(open_shown: Open) -> None:
    chat = open_shown("goes_on")
    cut = chat.ask("First")
    assert cut.finish_reason == "length"
    click(chat, "Once ", "Write on")
    settled(chat, ["First", "Once after Once "])
    assert len(chat.page.versions[chat.page.reply().id]) == 2
    message = view(chat, "Once after Once ")
    assert not [b for b in message.tab_stops() if "Write on" in b.accessibleName()]
    chat.close()
    (conversation,) = stored()
    assert conversation.path()[1].content == "Once after Once "
    assert {m.content for m in conversation.messages} == {"First", "Once ", "Once after Once "}


def test_a_fork_is_a_conversation_of_its_own(open_shown: Open) -> None:
    chat = open_shown("polite")
    chat.ask("First")
    chat.ask("Second")
    first_id = chat.page.current_id
    choose(chat, "Once upon a time", "new conversation")
    chat.wait(lambda: chat.page.current_id != first_id)
    settled(chat, ["First", "Once upon a time"])
    chat.ask("Third")
    chat.wait(lambda: len(chat.page.summaries) == 2)
    assert {entry.title for entry in chat.page.summaries} == {"First", "First (fork)"}
    chat.close()
    lengths = {entry.title: len(entry.messages) for entry in stored()}
    assert lengths == {"First": 4, "First (fork)": 4}


def test_a_deleted_branch_comes_back_by_the_undo_key(open_shown: Open) -> None:
    chat = open_shown("polite")
    chat.ask("First")
    chat.ask("Second")
    QTest.keyClick(view(chat, "Second"), Qt.Key.Key_Delete, CONTROL)
    settled(chat, ["First", "Once upon a time"])
    assert chat.page.notices[-1] == "Deleted the message and what followed it"
    focus = QApplication.focusWidget()
    assert isinstance(focus, EditableMessage)
    QTest.keyClick(focus, Qt.Key.Key_Z, CONTROL)
    settled(chat, ["First", "Once upon a time", "Second", "Once upon a time"])
    choose(chat, "Second", "Delete")
    settled(chat, ["First", "Once upon a time"])
    chat.close()
    (conversation,) = stored()
    assert len(conversation.messages) == 2


def test_the_first_message_deleted_leaves_an_empty_conversation_that_can_go_on(
    open_shown: Open,
) -> None:
    chat = open_shown("polite")
    chat.ask("First")
    choose(chat, "First", "Delete")
    settled(chat, [])
    chat.ask("Anew")
    assert chat.page.texts() == ["Anew", "Once upon a time"]


def test_a_message_is_marked_to_be_kept_and_let_go(open_shown: Open) -> None:
    chat = open_shown("polite")
    chat.ask("First")
    choose(chat, "First", "Always keep")
    assert view(chat, "First").message.keep
    chat.close()
    assert stored()[0].path()[0].keep


def test_a_reply_whose_model_was_just_put_away_is_written_all_the_same(open_shown: Open) -> None:
    chat = open_shown("was_idle")
    reply = chat.ask("First")
    assert (reply.content, reply.status) == ("Once upon a time", "complete")
    assert chat.page.error is None
    assert chat.page.texts() == ["First", "Once upon a time"]


def test_nothing_is_done_to_the_tree_while_a_reply_is_written(open_shown: Open) -> None:
    chat = open_shown("hangs")
    chat.send("First")
    chat.wait_for_words()
    QTest.keyClick(view(chat, "First"), Qt.Key.Key_Delete, CONTROL)
    assert chat.page.texts()[0] == "First"
    assert not chat.page.notices


def test_a_change_made_while_a_reply_is_written_can_be_saved_when_it_has_ended(
    open_shown: Open,
) -> None:
    chat = open_shown("hangs")
    chat.send("First")
    chat.wait_for_words()
    click(chat, "First", "Edit")
    write(chat, "Other")
    buttons = [b for b in editor(chat).findChildren(QPushButton) if "Save" in b.text()]
    hints = editor(chat).findChildren(QLabel)
    QTest.keyClick(editor(chat).edit, Qt.Key.Key_Return, CONTROL)
    assert not any(button.isEnabled() for button in buttons)
    assert any("must end or be stopped" in hint.text() for hint in hints)
    chat.page.stop_requested.emit()
    chat.wait(lambda: all(button.isEnabled() for button in buttons))
    assert editor(chat).text == "Other"
    assert any("another version" in hint.text() for hint in hints)
    QTest.keyClick(editor(chat).edit, Qt.Key.Key_Return, CONTROL)
    chat.wait(lambda: chat.page.texts()[0] == "Other")


def test_another_model_writes_a_reply_again_as_a_version_beside_it(
    open_shown: Open, starter_model: Path
) -> None:
    second = paths.models_dir() / "R&D.gguf"
    shutil.copyfile(starter_model, second)
    chat = open_shown("polite")
    first = chat.ask("First")
    (other,) = (model for model in chat.shelf.entries if model.path == str(second))
    with chat.qtbot.waitSignal(chat.history.finished):
        choose_model(chat, "Once upon a time", other.path)
    reply = chat.page.reply()
    assert (reply.content, reply.model_path) == ("Once upon a time", other.path)
    assert chat.page.versions[reply.id] == (first.id, reply.id)
    chat.ask("Second")
    assert chat.page.reply().model_path == first.model_path  # the conversation keeps its own


def test_with_one_model_alone_there_is_no_other_to_write_again(
    open_shown: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(paths, "shipped_models_dir", lambda: tmp_path / "no-models")
    chat = open_shown("polite")
    chat.ask("First")
    click(chat, "Once upon a time", "More")
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert not [action for action in menu.actions() if action.menu()]


def choose_model(chat: Chat, text: str, path: str) -> None:
    """Choose a model in the submenu of a reply's menu, by keys."""
    names = [model.name for model in chat.shelf.entries]
    places = [n for n, model in enumerate(chat.shelf.entries) if model.path == path]
    click(chat, text, "More")
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.setActiveAction(next(action for action in menu.actions() if action.menu()))
    QTest.keyClick(menu, Qt.Key.Key_Right)
    models = QApplication.activePopupWidget()
    assert isinstance(models, QMenu)
    assert [line.text().replace("&&", "&") for line in models.actions()] == names
    for _ in range(places[0]):
        QTest.keyClick(models, Qt.Key.Key_Down)
    QTest.keyClick(models, Qt.Key.Key_Return)
