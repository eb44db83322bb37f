import json
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest
from data_place import DataPlace
from foreign_files import own_conversation, said, simple_chatgpt, write_json
from PySide6.QtCore import Qt, QTranslator
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit

from chatapp import paths
from chatapp.gui.data.jobs import export_job
from chatapp.transfer.training import TrainingOptions
from chatapp.transfer.watch import Watch


def test_the_conversation_on_show_is_offered_first_and_written(
    place: DataPlace, tmp_path: Path
) -> None:
    conversation = own_conversation("Salty sea")
    place.keep(conversation, own_conversation("Rivers"))
    place.chat.controller.show(conversation.id)
    place.wait(lambda: place.chat.controller.conversation.id == conversation.id)
    place.data.export()
    place.choose("As what", "Web page (HTML)")
    place.press("Export…")
    place.choose_file(tmp_path / "sea.html")
    place.wait_for("Written to sea.html")
    assert "Because of rocks." in (tmp_path / "sea.html").read_text()
    assert "Rivers" not in (tmp_path / "sea.html").read_text()


def test_the_chosen_conversations_are_written_into_an_archive(
    place: DataPlace, tmp_path: Path
) -> None:
    pair = [own_conversation("Sea"), own_conversation("River")]
    place.keep(*pair, own_conversation("Mountain"))
    place.data.export([conversation.id for conversation in pair])
    place.press("Export…")
    place.choose_file(tmp_path / "x.zip")
    place.wait_for("Written to x.zip")
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert archive.namelist() == ["Sea.md", "River.md"]


def test_everything_is_exported_by_one_click_and_naming_the_file(
    place: DataPlace, tmp_path: Path
) -> None:
    archived = own_conversation("River", archived_at="2026-11-22T10:00:00+00:00")
    place.keep(own_conversation("Sea"), archived)
    place.data.export_everything()
    place.choose_file(tmp_path / "all.zip")
    place.wait_for("Written to all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        whole = json.loads(archive.read("history.json"))
    assert [entry["title"] for entry in whole["conversations"]] == ["Sea", "River"]


def test_a_document_is_written_in_the_language_of_the_window(
    place: DataPlace, qapp: QApplication, tmp_path: Path
) -> None:
    place.keep(own_conversation("Sea"))
    ids = place.store.export_ids().result()
    spanish = QTranslator()
    assert spanish.load("chatapp_es", str(paths.assets_dir() / "translations"))
    qapp.installTranslator(spanish)
    try:
        export_job(place.store, ids, tmp_path / "x.md", "markdown", TrainingOptions())(Watch())
    finally:
        qapp.removeTranslator(spanish)
    text = (tmp_path / "x.md").read_text()
    assert "## Instrucciones" in text
    assert "## Tú" in text


def test_training_data_takes_what_was_ticked(place: DataPlace, tmp_path: Path) -> None:
    place.keep(own_conversation())
    place.data.export()
    place.choose("As what", "Training data (JSONL)")
    place.press("With the reasoning of replies")
    place.press("Export…")
    place.choose_file(tmp_path / "x.jsonl")
    place.wait_for("Written to x.jsonl")
    assert "<think>" in (tmp_path / "x.jsonl").read_text()


def test_a_folder_that_cannot_be_written_is_explained(
    place: DataPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    place.keep(own_conversation())
    place.data.export()
    monkeypatch.setattr("chatapp.transfer.exporting.tempfile.mkstemp", fail)
    place.press("Export…")
    place.choose_file(tmp_path / "x.zip")
    place.wait_for("You may not write into")
    assert place.button("Export…").isEnabled()


def test_an_import_adds_what_is_not_there_and_lists_what_could_not_be_read(
    place: DataPlace, tmp_path: Path
) -> None:
    path = write_json(
        tmp_path / "conversations.json", [simple_chatgpt("1", "Salt"), {"title": "Odd"}]
    )
    place.data.import_conversations()
    with place.qtbot.waitSignal(place.chat.history.listed, timeout=20_000):
        place.press("Choose a file…")
        place.choose_file(path)
    place.wait_for("Conversations imported: 1")
    assert "Could not be read: 1" in place.said()
    problems = place.dialog().findChild(QPlainTextEdit)
    assert problems.toPlainText() == "“Odd”: It is no conversation in a form that is known."
    assert place.titles() == ["Salt"]
    place.press("Choose another file…")
    place.choose_file(path)
    place.wait_for("Here already: 1")
    assert place.titles() == ["Salt"]


def test_a_conversation_that_has_grown_elsewhere_grows_here(
    place: DataPlace, tmp_path: Path
) -> None:
    path = tmp_path / "conversations.json"
    before = simple_chatgpt()
    more = said("q2", "a", "user", "And lakes?")
    after = {**before, "mapping": {**before["mapping"], "q2": more}, "current_node": "q2"}
    for export, words in ((before, "imported: 1"), (after, "with new messages now: 1")):
        place.data.import_conversations()
        place.press("Choose a file…")
        place.choose_file(write_json(path, [export]))
        place.wait_for(words)
        place.press("Close")
        place.wait(lambda: not place._sheets())
    (conversation_id,) = place.store.export_ids().result()
    shown = place.store.open_conversation(conversation_id).result().path()
    assert [message.content for message in shown][-1] == "And lakes?"


def test_what_is_in_the_trash_is_not_imported_again(place: DataPlace, tmp_path: Path) -> None:
    path = write_json(tmp_path / "conversations.json", [simple_chatgpt()])
    for _ in range(2):
        place.data.import_conversations()
        place.press("Choose a file…")
        place.choose_file(path)
        place.wait_for("imported:")
        place.press("Close")
        place.wait(lambda: not place._sheets())
        place.store.delete(place.store.export_ids().result()).result()
    assert len(place.store.list_conversations("deleted").result()) == 1


def test_a_file_that_is_none_is_explained(place: DataPlace, tmp_path: Path) -> None:
    path = tmp_path / "photo.json"
    path.write_bytes(b"\x89PNG")
    place.data.import_conversations()
    place.press("Choose a file…")
    place.choose_file(path)
    place.wait_for("damaged")


def test_escape_ends_an_import_and_what_came_before_stays(
    place: DataPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [simple_chatgpt(str(n)) for n in range(2000)]
    path = write_json(tmp_path / "conversations.json", items)
    under_way, go_on = threading.Event(), threading.Event()
    add = place.store.import_conversation

    def slow(*values: Any) -> Any:
        under_way.set()
        go_on.wait(20)
        return add(*values)

    monkeypatch.setattr(place.store, "import_conversation", slow)
    place.data.import_conversations()
    place.press("Choose a file…")
    place.choose_file(path)
    place.wait(under_way.is_set)
    place.qtbot.keyClick(place.dialog(), Qt.Key.Key_Escape)
    go_on.set()
    place.wait_for("Cancelled before the end of the file.")
    assert 0 < len(place.titles()) < 2000
    place.qtbot.keyClick(place.dialog(), Qt.Key.Key_Escape)
    place.wait(lambda: not place._sheets())


def test_closing_the_program_ends_what_is_under_way(place: DataPlace, tmp_path: Path) -> None:
    items = [simple_chatgpt(str(n)) for n in range(2000)]
    place.data.import_conversations()
    place.press("Choose a file…")
    place.choose_file(write_json(tmp_path / "conversations.json", items))
    place.wait(lambda: any(t.name == "data" for t in threading.enumerate()) or place.titles())
    place.data.close()
    assert not any(thread.name == "data" for thread in threading.enumerate())


def test_the_window_goes_on_while_conversations_come_in(place: DataPlace, tmp_path: Path) -> None:
    items = [simple_chatgpt(str(n)) for n in range(300)]
    place.data.import_conversations()
    place.press("Choose a file…")
    place.choose_file(write_json(tmp_path / "conversations.json", items))
    place.wait_for("Conversations imported: 300")
    assert len(place.titles()) == 300


def test_the_dialogs_can_be_used_by_keys_alone(place: DataPlace) -> None:
    place.keep(own_conversation())
    for show in (place.data.export, place.data.import_conversations):
        show()
        dialog: QDialog = place.dialog()
        place.qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        place.wait(lambda: not place._sheets())
