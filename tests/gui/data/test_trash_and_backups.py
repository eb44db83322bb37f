import sqlite3
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from data_place import DataPlace
from foreign_files import own_conversation
from msgspec import structs
from prompt_keys import draft_on_disk
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from chatapp import paths
from chatapp.storage.records import Draft, StoredConversation


class FixedClock:
    """Stands for `datetime` where only its `now` is asked for."""

    def __init__(self, time: datetime) -> None:
        self._time = time

    def now(self, _: tzinfo) -> datetime:
        return self._time


def deleted(place: DataPlace, *titles: str) -> list[StoredConversation]:
    conversations = [own_conversation(title) for title in titles]
    place.keep(*conversations)
    for conversation in conversations:
        place.store.delete([conversation.id]).result()
    return conversations


def files_with(text: str) -> list[Path]:
    files = [file for file in paths.data_dir().rglob("*") if file.is_file()]
    return [file for file in files if text.encode() in file.read_bytes()]


def test_the_trash_lists_what_was_deleted_the_last_first(place: DataPlace) -> None:
    deleted(place, "Sea", "River")
    place.data.show_trash()
    place.wait(lambda: len(place.rows()) == 2)
    assert [row[0] for row in place.rows()] == ["River", "Sea"]
    assert place.rows()[0][1].startswith("Today")
    assert place.rows()[0][2] == "30"


def test_a_conversation_is_restored(place: DataPlace) -> None:
    deleted(place, "Sea", "River")
    place.data.show_trash()
    place.wait(lambda: place.rows())
    with place.qtbot.waitSignal(place.chat.history.listed, timeout=20_000):
        place.press("Restore")
    place.wait(lambda: len(place.rows()) == 1)
    assert place.titles() == ["River"]


def test_many_are_erased_for_good_after_one_question(place: DataPlace) -> None:
    deleted(place, "Sea", "River", "Hill")
    place.data.show_trash()
    place.wait(lambda: place.rows())
    table = place.table()
    place.qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    place.press("Erase for good…")
    place.answer("Erase for good")
    place.wait_for("Erased for good: 2")
    place.wait(lambda: [row[0] for row in place.rows()] == ["Sea"])
    assert len(place.store.list_conversations("deleted").result()) == 1


def test_enter_at_the_question_erases_nothing(place: DataPlace) -> None:
    deleted(place, "Sea")
    place.data.show_trash()
    place.wait(lambda: place.rows())
    place.press("Empty the trash…")
    (box,) = place.dialog().findChildren(QMessageBox)
    place.qtbot.keyClick(box, Qt.Key.Key_Return)
    place.wait(lambda: not place.dialog().findChildren(QMessageBox))
    assert len(place.store.list_conversations("deleted").result()) == 1


def test_emptying_leaves_no_trace_in_any_file(place: DataPlace) -> None:
    (conversation,) = deleted(place, "Sea")
    canary = "xanthic-canary-8417"
    message = structs.replace(
        conversation.messages[0], id="0" * 32, conversation_id="1" * 32, content=canary
    )
    secret = structs.replace(
        conversation, id="1" * 32, leaf_id=message.id, messages=(message,), title=canary
    )
    place.keep(secret)
    place.store.back_up().result()
    place.store.delete([secret.id]).result()
    place.data.show_trash()
    place.wait(lambda: len(place.rows()) == 2)
    place.press("Empty the trash…")
    place.answer("Erase for good")
    place.wait_for("Erased for good: 2")
    assert files_with(canary) == []


def test_what_was_kept_apart_from_an_unread_draft_is_erased_with_its_conversation(
    place: DataPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    sea = own_conversation("Sea")
    place.keep(sea)

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr("chatapp.storage.drafts.load", fail)
        with place.qtbot.waitSignal(place.chat.history.draft_unread):
            place.chat.page.conversation_requested.emit(sea.id)
    QTest.keyClicks(place.chat.page.prompt_box.edit, "xanthic-canary-8417")
    place.wait(lambda: draft_on_disk() == Draft("xanthic-canary-8417"))
    place.store.back_up().result()
    place.chat.page.sidebar.view.delete_requested.emit([sea.id])
    place.data.show_trash()
    place.wait(lambda: place.rows())
    place.press("Empty the trash…")
    place.answer("Erase for good")
    place.wait_for("Erased for good: 1")
    place.chat.close()  # waits until all is written
    assert draft_on_disk() == Draft()
    assert files_with("xanthic-canary-8417") == []


def test_an_empty_trash_says_so(place: DataPlace) -> None:
    place.data.show_trash()
    place.wait_for("The trash is empty.")
    assert not place.button("Empty the trash…").isEnabled()
    assert not place.button("Restore").isEnabled()


def test_nothing_can_be_erased_before_it_is_seen(place: DataPlace) -> None:
    deleted(place, "Sea")
    place.data.show_trash()
    assert place.rows() == []
    assert not place.button("Empty the trash…").isEnabled()
    place.wait(lambda: len(place.rows()) == 1)
    assert place.button("Empty the trash…").isEnabled()


def test_a_backup_is_made_and_gone_back_to(place: DataPlace) -> None:
    place.keep(own_conversation("Sea"))
    place.data.show_backups()
    place.wait_for("There is no backup yet.")
    place.press("Back up now")
    place.wait_for("The history is backed up.")
    place.wait(lambda: len(place.rows()) == 1)
    assert place.rows()[0][1] == "1"
    place.keep(own_conversation("River"))
    assert len(place.titles()) == 2

    place.press("Restore…")
    with place.qtbot.waitSignal(place.chat.history.listed, timeout=20_000):
        place.answer("Restore")
        place.wait_for("The backup is restored.")
    assert place.titles() == ["Sea"]
    assert place.chat.controller.conversation.messages == ()
    aside = [path for path in paths.data_dir().iterdir() if "replaced" in path.name]
    assert aside
    place.keep(own_conversation("Hill"))  # the history goes on
    assert len(place.titles()) == 2


def test_a_backup_that_is_damaged_is_refused_and_nothing_changes(place: DataPlace) -> None:
    place.keep(own_conversation("Sea"))
    backup = place.store.back_up().result()
    place.data.show_backups()
    place.wait(lambda: place.rows())
    backup.write_bytes(b"garbage" * 5000)
    place.press("Restore…")
    place.answer("Restore")
    place.wait_for("cannot be used")
    assert place.titles() == ["Sea"]


def test_what_is_overdue_in_the_trash_is_erased_by_itself(
    place: DataPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted(place, "Old")
    later = datetime.now(UTC) + timedelta(days=31)
    monkeypatch.setattr("chatapp.storage.trash.datetime", FixedClock(later))
    place.data.keep_house()
    place.wait(lambda: not place.store.list_conversations("deleted").result())


def test_a_backup_is_made_once_a_day(place: DataPlace) -> None:
    place.keep(own_conversation("Kept"))
    place.data.keep_house()
    place.wait(lambda: place.store.backups().result())
    place.data.keep_house()
    place.data.close()
    assert len(place.store.backups().result()) == 1


def test_an_empty_history_is_not_backed_up(place: DataPlace) -> None:
    place.data.keep_house()
    place.data.close()
    assert place.store.backups().result() == ()
