"""What is typed: drafts, attachments, the queue, recall; by real keys over the real history."""

from pathlib import Path

import pdf_files
import pytest
from chat_place import Chat
from prompt_keys import (
    CONTROL,
    DOWN,
    ENTER,
    ESCAPE,
    PASTE,
    UP,
    Open,
    ask,
    button,
    draft_on_disk,
    edit,
    messages_on_disk,
    names,
    paste,
    press,
    queue,
    show,
    show_conversation,
    write,
)
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit
from pytestqt.qtbot import QtBot

from chatapp.chat import Attachment
from chatapp.gui.chat.prompt_box import PromptEdit
from chatapp.storage.records import Draft


@pytest.fixture
def chat(open_chat: Open) -> Chat:
    return show(open_chat("polite"))


# ---- drafts ----


def test_a_draft_is_on_the_disk_within_a_second_of_the_first_key(chat: Chat, qtbot: QtBot) -> None:
    write(chat, "half a tho")
    qtbot.waitUntil(lambda: draft_on_disk() == Draft("half a tho"), timeout=1000)


def test_each_conversation_has_its_own_draft_with_its_attachments(chat: Chat) -> None:
    first = ask(chat, "First question")
    write(chat, "a second thought")
    paste(PASTE)
    press(chat, Qt.Key.Key_V, CONTROL)
    chat.page.new_requested.emit()
    assert chat.page.prompt_text() == ""
    assert names(chat) == []
    write(chat, "something else")
    show_conversation(chat, first)
    assert chat.page.prompt_text() == "a second thought"
    assert names(chat) == ["Pasted text, 3500 characters"]
    chat.page.new_requested.emit()
    assert chat.page.prompt_text() == "something else"
    chat.close()
    assert draft_on_disk() == Draft("something else")
    attachment = Attachment("Pasted text", PASTE)
    assert draft_on_disk(first) == Draft("a second thought", (attachment,))


def test_drafts_are_there_again_at_the_next_start(open_chat: Open) -> None:
    chat = show(open_chat("polite"))
    begun = ask(chat, "First question")
    write(chat, "in an old one")
    chat.page.new_requested.emit()
    write(chat, "in a new one")
    chat.close()
    second = show(open_chat("polite"))
    second.wait(lambda: second.page.prompt_text() == "in a new one")
    show_conversation(second, begun)
    second.wait(lambda: second.page.prompt_text() == "in an old one")
    second.close()
    assert draft_on_disk() == Draft("in a new one")
    assert draft_on_disk(begun) == Draft("in an old one")


def test_what_is_typed_before_the_draft_has_come_stays_behind_it(open_chat: Open) -> None:
    chat = show(open_chat("polite"))
    write(chat, "from the last time")
    chat.close()
    second = open_chat("polite")
    second.controller.start()
    second.prompts.start()
    second.page.set_prompt_text("typed at once")
    second.wait(lambda: second.page.prompt_text() == "from the last time\n\ntyped at once")


def test_a_draft_goes_when_its_message_is_safe(chat: Chat, qtbot: QtBot) -> None:
    write(chat, "to be sent")
    qtbot.waitUntil(lambda: draft_on_disk() == Draft("to be sent"), timeout=2000)
    conversation_id = ask(chat, "!")
    assert chat.page.prompt_text() == ""
    qtbot.waitUntil(lambda: draft_on_disk(conversation_id) == Draft(), timeout=2000)
    assert messages_on_disk()[0].content == "to be sent!"


def test_what_is_typed_while_a_message_is_being_saved_stays(chat: Chat, qtbot: QtBot) -> None:
    write(chat, "question")
    with qtbot.waitSignal(chat.controller.sent, timeout=60_000):
        press(chat, ENTER)
        write(chat, " and more")
    assert chat.page.prompt_text() == " and more"


def test_a_draft_of_an_incognito_conversation_reaches_no_file(chat: Chat, home: Path) -> None:
    chat.controller.new_incognito()
    write(chat, "canary")
    paste("canary " * 500)
    press(chat, Qt.Key.Key_V, CONTROL)
    chat.page.new_requested.emit()
    assert chat.page.prompt_text() == ""
    write(chat, "open")
    chat.close()
    assert draft_on_disk() == Draft("open")
    assert not any(b"canary" in file.read_bytes() for file in home.rglob("*") if file.is_file())


def test_a_message_that_cannot_be_saved_stays_in_the_prompt(
    chat: Chat, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(chat, "keep me")
    store = chat.history.store
    monkeypatch.setattr(store, "add_user_message", lambda *_: store.open_conversation("gone"))
    with qtbot.waitSignal(chat.controller.refused, timeout=60_000):
        press(chat, ENTER)
    assert chat.page.prompt_text() == "keep me"
    monkeypatch.undo()
    ask(chat, "!")
    assert chat.page.texts()[0] == "keep me!"


# ---- attachments ----


def test_files_are_attached_read_and_sent_with_the_message(chat: Chat, tmp_path: Path) -> None:
    note, report = tmp_path / "note.txt", tmp_path / "report.pdf"
    note.write_text("A note.")
    report.write_bytes(pdf_files.text_pdf("Page one", "Page two"))
    chat.prompts.attachments.attach([str(note)])
    chat.wait(lambda: len(names(chat)) == 1)
    paste(files=[report])
    press(chat, Qt.Key.Key_V, CONTROL)
    chat.wait(lambda: len(names(chat)) == 2)
    assert names(chat) == ["note.txt, 7 characters", "report.pdf, 18 characters"]
    ask(chat, "What is in them?")
    assert names(chat) == []
    message = messages_on_disk()[0]
    assert message.content == "What is in them?"
    assert [one.text for one in message.attachments] == ["A note.", "Page one\n\nPage two"]


def test_a_file_that_cannot_be_attached_says_why(chat: Chat, tmp_path: Path) -> None:
    picture = tmp_path / "photo.png"
    picture.write_bytes(b"\x89PNG\0")
    chat.prompts.attachments.attach([str(picture)])
    chat.wait(lambda: chat.page.notices)
    assert chat.page.notices == [
        "photo.png is neither a text nor a PDF. Only those can be attached."
    ]
    assert not chat.page.prompt_box.chips.isVisible()


def test_an_old_encoding_is_mentioned(chat: Chat, tmp_path: Path) -> None:
    file = tmp_path / "old.txt"
    file.write_bytes("für".encode("cp1252"))
    chat.prompts.attachments.attach([str(file)])
    chat.wait(lambda: names(chat))
    assert "old.txt is in an old encoding" in chat.page.notices[-1]


def test_reading_shows_its_progress_holds_the_message_and_can_be_cancelled(
    chat: Chat, tmp_path: Path
) -> None:
    slow = tmp_path / "slow.pdf"
    slow.write_bytes(pdf_files.busy_pdf())
    write(chat, "Wait for it")
    chat.prompts.attachments.attach([str(slow)])
    press(chat, ENTER)
    assert chat.page.notices == ["The message can be sent once its files are read."]
    button(chat, "Do not read slow.pdf").click()
    assert not chat.page.prompt_box.chips.isVisible()
    ask(chat, "!")
    assert chat.page.texts()[0] == "Wait for it!"


def test_a_file_read_after_the_switch_goes_to_its_own_conversation(
    chat: Chat, tmp_path: Path
) -> None:
    first = ask(chat, "First question")
    note = tmp_path / "note.txt"
    note.write_text("A note.")
    chat.prompts.attachments.attach([str(note)])
    chat.page.new_requested.emit()
    QTest.qWait(1)
    chat.wait(lambda: draft_on_disk(first).attachments)
    assert names(chat) == []
    show_conversation(chat, first)
    assert names(chat) == ["note.txt, 7 characters"]


def test_a_long_paste_becomes_a_chip_and_text_again(chat: Chat) -> None:
    paste("short")
    press(chat, Qt.Key.Key_V, CONTROL)
    assert chat.page.prompt_text() == "short"
    paste(PASTE)
    press(chat, Qt.Key.Key_V, CONTROL)
    press(chat, Qt.Key.Key_V, CONTROL)
    assert names(chat) == ["Pasted text, 3500 characters", "Pasted text 2, 3500 characters"]
    assert chat.page.prompt_text() == "short"
    button(chat, "Put Pasted text into the text").click()
    assert chat.page.prompt_text() == "short" + PASTE
    assert names(chat) == ["Pasted text 2, 3500 characters"]


def test_an_attachment_can_be_read_and_removed_and_brought_back(chat: Chat) -> None:
    paste(PASTE)
    press(chat, Qt.Key.Key_V, CONTROL)
    button(chat, "Show Pasted text, 3500 characters").click()
    view = chat.page.findChild(QDialog)
    assert view.findChild(QPlainTextEdit).toPlainText() == PASTE
    assert view.findChild(QPlainTextEdit).isReadOnly()
    view.reject()
    remove = button(chat, "Remove Pasted text")
    remove.setFocus()
    QTest.keyClick(remove, Qt.Key.Key_Space)
    assert names(chat) == []
    button(chat, "Undo").click()
    assert names(chat) == ["Pasted text, 3500 characters"]


def test_the_tab_key_reaches_what_is_attached_and_what_waits(busy: Chat) -> None:
    write(busy, "Two")
    press(busy, ENTER)
    paste(PASTE)
    press(busy, Qt.Key.Key_V, CONTROL)
    stops = []
    for _ in range(5):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab)
        stops.append(QApplication.focusWidget().accessibleName())
    assert stops == [
        "Remove Pasted text",
        "Put Pasted text into the text",
        "Show Pasted text, 3500 characters",
        "Do not send: Two",
        "Back into the prompt: Two",
    ]


def test_a_message_takes_twenty_attachments(chat: Chat, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.txt" for number in range(21)]
    for file in files:
        file.write_text("x")
    chat.prompts.attachments.attach([str(file) for file in files])
    chat.wait(lambda: len(names(chat)) == 20)
    assert "20 attachments" in chat.page.notices[0]


# ---- the queue ----


@pytest.fixture
def busy(open_chat: Open) -> Chat:
    """A chat whose reply does not end by itself."""
    chat = show(open_chat("hangs"))
    write(chat, "A story")
    press(chat, ENTER)
    chat.wait_for_words()
    return chat


def test_messages_written_during_a_reply_are_sent_one_after_another(chat: Chat) -> None:
    write(chat, "One")
    with chat.qtbot.waitSignal(chat.controller.sent, timeout=60_000):
        press(chat, ENTER)
    for text in ("Two", "Three"):
        write(chat, text)
        press(chat, ENTER)
    chat.wait(lambda: len(chat.page.texts()) == 6 and not chat.controller.is_busy)
    assert chat.page.texts()[::2] == ["One", "Two", "Three"]
    assert queue(chat) == []
    assert chat.page.prompt_text() == ""


def test_a_waiting_message_is_seen_can_be_changed_removed_and_brought_back(busy: Chat) -> None:
    for text in ("Two", "Three"):
        write(busy, text)
        press(busy, ENTER)
    assert queue(busy) == ["Two", "Three"]
    assert busy.page.prompt_text() == ""
    button(busy, "Do not send: Two").click()
    assert queue(busy) == ["Three"]
    button(busy, "Undo").click()
    assert queue(busy) == ["Two", "Three"]
    write(busy, "now")
    button(busy, "Back into the prompt: Three").click()
    assert queue(busy) == ["Two"]
    assert busy.page.prompt_text() == "Three\n\nnow"


def test_stop_does_not_send_the_queue_and_says_so(busy: Chat) -> None:
    write(busy, "Two")
    press(busy, ENTER)
    assert not button(busy, "Send now").isVisible()
    busy.controller.stop()
    busy.wait(lambda: not busy.controller.is_busy)
    assert queue(busy) == ["Two"]
    assert button(busy, "Send now").isVisible()
    assert busy.page.texts() == ["A story", "Once "]
    button(busy, "Send now").click()
    busy.wait(lambda: busy.page.texts()[-1] == "Two" or len(busy.page.texts()) > 3)
    assert queue(busy) == []


def test_the_queue_survives_the_death_of_the_engine(open_chat: Open) -> None:
    chat = show(open_chat("dies"))
    write(chat, "One")
    with chat.qtbot.waitSignal(chat.controller.sent, timeout=60_000):
        press(chat, ENTER)
    write(chat, "Two")
    press(chat, ENTER)
    chat.wait(lambda: chat.page.error is not None)
    assert queue(chat) == ["Two"]
    assert button(chat, "Send now").isVisible()
    button(chat, "Back into the prompt: Two").click()
    assert chat.page.prompt_text() == "Two"


def test_a_queue_is_kept_as_the_draft_when_the_window_closes(busy: Chat, qtbot: QtBot) -> None:
    conversation_id = busy.controller.conversation.id
    for text in ("Two", "Three"):
        write(busy, text)
        press(busy, ENTER)
    write(busy, "four")
    unsent = Draft("Two\n\nThree\n\nfour")
    qtbot.waitUntil(lambda: draft_on_disk(conversation_id) == unsent, timeout=1500)
    busy.close()
    assert draft_on_disk(conversation_id) == unsent


def test_each_conversation_has_its_own_queue(busy: Chat) -> None:
    first = busy.controller.conversation.id
    write(busy, "Two")
    press(busy, ENTER)
    busy.page.new_requested.emit()
    assert queue(busy) == []
    show_conversation(busy, first)
    assert queue(busy) == ["Two"]


# ---- recall ----


def test_up_brings_back_what_was_sent_before(chat: Chat) -> None:
    ask(chat, "First")
    ask(chat, "Second")
    press(chat, UP)
    assert chat.page.prompt_text() == "Second"
    press(chat, UP)
    assert chat.page.prompt_text() == "First"
    press(chat, UP)
    assert chat.page.prompt_text() == "First"
    press(chat, DOWN)
    assert chat.page.prompt_text() == "Second"
    press(chat, DOWN)
    assert chat.page.prompt_text() == ""
    press(chat, UP)
    press(chat, ESCAPE)
    assert chat.page.prompt_text() == ""
    press(chat, UP)
    write(chat, "!")
    press(chat, UP)  # what was changed is a text of its own
    assert chat.page.prompt_text() == "Second!"


def test_up_in_what_is_being_written_moves_the_cursor(chat: Chat) -> None:
    ask(chat, "First")
    write(chat, "two")
    press(chat, ENTER, Qt.KeyboardModifier.ShiftModifier)
    press(chat, UP)
    assert chat.page.prompt_text() == "two\n"
    assert edit(chat).textCursor().blockNumber() == 0


def test_a_message_taken_back_stands_before_what_is_written(open_chat: Open) -> None:
    chat = show(open_chat("dies"))
    write(chat, "One")
    press(chat, ENTER)
    chat.wait(lambda: chat.page.error is not None)
    write(chat, "something")
    chat.page.error_action_requested.emit("edit")
    assert chat.page.prompt_text() == "One\n\nsomething"
    assert isinstance(QApplication.focusWidget(), PromptEdit)
