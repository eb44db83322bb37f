import os
import sys
from pathlib import Path

import pytest
from gguf_files import write_sparse_gguf, write_tiny_gguf, write_tiny_parts
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.gui.model_shelf import ModelShelf
from chatapp.settings import SettingsFile


@pytest.fixture(autouse=True)
def _no_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "packages_dir", lambda: tmp_path / "no-packages")
    monkeypatch.setattr(paths, "shipped_models_dir", lambda: tmp_path / "no-models")


@pytest.fixture(autouse=True)
def _own_trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "share").mkdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))


@pytest.fixture
def settings() -> SettingsFile:
    return SettingsFile(paths.settings_file())


@pytest.fixture
def shelf(settings: SettingsFile, qtbot: QtBot) -> ModelShelf:
    return ModelShelf(settings)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    return folder


def look(shelf: ModelShelf, qtbot: QtBot) -> list[str]:
    """Wait until the disk has been looked through; the names that were found."""
    shelf.refresh()
    qtbot.waitUntil(lambda: not shelf.is_scanning)
    return [entry.name for entry in shelf.entries]


def test_disk_is_looked_through_beside_the_window(
    shelf: ModelShelf, qtbot: QtBot, folder: Path
) -> None:
    write_tiny_gguf(paths.models_dir() / "own.gguf", name="Own")
    with qtbot.waitSignal(shelf.changed):
        shelf.refresh()
        assert shelf.is_scanning
        assert shelf.entries == ()
    assert not shelf.is_scanning
    assert [entry.name for entry in shelf.entries] == ["Own"]


def test_what_is_asked_for_during_a_search_is_found_too(
    shelf: ModelShelf, qtbot: QtBot, folder: Path
) -> None:
    write_tiny_gguf(folder / "late.gguf", name="Late")
    shelf.refresh()
    shelf.add([str(folder)])
    qtbot.waitUntil(lambda: not shelf.is_scanning)
    assert [entry.name for entry in shelf.entries] == ["Late"]


def test_added_files_and_folders_are_there_at_the_next_start(
    shelf: ModelShelf, qtbot: QtBot, folder: Path, tmp_path: Path
) -> None:
    write_tiny_gguf(folder / "a.gguf", name="A")
    single = write_tiny_gguf(tmp_path / "b.gguf", name="B")
    shelf.add([str(folder), str(single)])
    again = ModelShelf(SettingsFile(paths.settings_file()))
    assert look(again, qtbot) == ["A", "B"]
    assert look(shelf, qtbot) == ["A", "B"]


def test_entry_is_found_by_its_path(shelf: ModelShelf, qtbot: QtBot, folder: Path) -> None:
    path = write_tiny_gguf(folder / "a.gguf", name="A")
    shelf.add([str(folder)])
    look(shelf, qtbot)
    entry = shelf.entry(str(path))
    assert entry is not None
    assert entry.name == "A"
    assert shelf.entry("elsewhere") is None


def test_first_usable_model_that_fits_is_the_default_until_one_is_chosen(
    shelf: ModelShelf, qtbot: QtBot, folder: Path
) -> None:
    assert shelf.default() is None
    (folder / "broken.gguf").write_bytes(b"GGUF")
    write_sparse_gguf(folder / "huge.gguf", 10**12, name="A huge one")
    write_tiny_gguf(folder / "b.gguf", name="B")
    chosen = write_tiny_gguf(folder / "c.gguf", name="C")
    shelf.add([str(folder)])
    look(shelf, qtbot)
    default = shelf.default()
    assert default is not None
    assert default.name == "B"
    with qtbot.waitSignal(shelf.changed):
        shelf.set_default(str(chosen))
    default = shelf.default()
    assert default is not None
    assert default.name == "C"


def test_default_that_can_no_longer_be_used_gives_way(
    shelf: ModelShelf, qtbot: QtBot, folder: Path
) -> None:
    path = write_tiny_gguf(folder / "a.gguf", name="A")
    write_tiny_gguf(folder / "b.gguf", name="B")
    shelf.add([str(folder)])
    shelf.set_default(str(path))
    path.unlink()
    look(shelf, qtbot)
    default = shelf.default()
    assert default is not None
    assert default.name == "B"


@pytest.mark.parametrize("through_folder", [True, False])
def test_removed_model_stays_on_the_disk_and_comes_back_by_undo(
    through_folder: bool, shelf: ModelShelf, qtbot: QtBot, folder: Path
) -> None:
    path = write_tiny_gguf(folder / "a.gguf", name="A")
    shelf.add([str(folder if through_folder else path)])
    shelf.set_default(str(path))
    look(shelf, qtbot)
    shelf.remove(str(path))
    assert shelf.entries == ()  # at once, not after the next search
    assert look(shelf, qtbot) == []
    assert path.exists()
    shelf.undo()
    assert look(shelf, qtbot) == ["A"]
    default = shelf.default()
    assert default is not None
    assert default.path == str(path)


def test_removed_model_comes_back_when_it_is_added_again(
    shelf: ModelShelf, qtbot: QtBot, folder: Path
) -> None:
    path = write_tiny_gguf(folder / "a.gguf", name="A")
    shelf.add([str(folder)])
    look(shelf, qtbot)
    shelf.remove(str(path))
    assert look(shelf, qtbot) == []
    shelf.add([str(folder)])
    assert look(shelf, qtbot) == ["A"]


def test_folder_is_removed_whole(shelf: ModelShelf, qtbot: QtBot, folder: Path) -> None:
    for name in ("a", "b"):
        write_tiny_gguf(folder / f"{name}.gguf", name=name)
    shelf.add([str(folder)])
    assert look(shelf, qtbot) == ["a", "b"]
    assert shelf.added_folder(shelf.entries[0].path) == str(folder)
    shelf.remove(str(folder))
    assert look(shelf, qtbot) == []
    shelf.undo()
    assert look(shelf, qtbot) == ["a", "b"]


def test_trashed_model_leaves_the_folder_and_comes_back_by_undo(
    shelf: ModelShelf, qtbot: QtBot
) -> None:
    parts = write_tiny_parts(paths.models_dir() / "big.gguf")
    look(shelf, qtbot)
    assert shelf.move_to_trash(str(parts[0]))
    assert not any(part.exists() for part in parts)
    assert look(shelf, qtbot) == []
    shelf.undo()
    assert all(part.exists() for part in parts)
    assert look(shelf, qtbot) == ["Tiny Test"]


@pytest.mark.skipif(sys.platform != "linux", reason="the trash keeps its notes elsewhere")
def test_trash_forgets_what_was_taken_out_of_it(
    shelf: ModelShelf, qtbot: QtBot, tmp_path: Path
) -> None:
    path = write_tiny_gguf(paths.models_dir() / "a.gguf")
    look(shelf, qtbot)
    assert shelf.move_to_trash(str(path))
    assert list(tmp_path.rglob("*.trashinfo"))
    shelf.undo()
    assert not list(tmp_path.rglob("*.trashinfo"))


def test_what_cannot_be_trashed_stays_and_is_said(shelf: ModelShelf, qtbot: QtBot) -> None:
    with qtbot.waitSignal(shelf.failed) as said:
        assert not shelf.move_to_trash(str(paths.models_dir() / "gone.gguf"))
    assert said.args is not None
    assert "gone.gguf cannot be moved to the trash" in said.args[0]


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_name_that_is_no_text_is_said_and_not_kept(
    shelf: ModelShelf, settings: SettingsFile, qtbot: QtBot, folder: Path
) -> None:
    path = os.fsdecode(os.fsencode(folder) + b"/\xff.gguf")
    with qtbot.waitSignal(shelf.failed) as said:
        shelf.add([path])
    assert said.args is not None
    assert "is no valid text" in said.args[0]
    assert settings.current.model_paths == ()


def test_search_that_breaks_is_said_and_the_next_one_works(
    shelf: ModelShelf, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tiny_gguf(paths.models_dir() / "own.gguf", name="Own")
    with monkeypatch.context() as broken:
        broken.setattr(paths, "packages_dir", lambda: 1 / 0)
        with qtbot.waitSignal(shelf.failed):
            shelf.refresh()
    assert not shelf.is_scanning
    assert look(shelf, qtbot) == ["Own"]


def test_shelf_may_go_during_a_search(settings: SettingsFile, qtbot: QtBot) -> None:
    write_tiny_gguf(paths.models_dir() / "own.gguf", name="Own")
    for _ in range(20):
        shelf = ModelShelf(settings)
        shelf.refresh()
        del shelf
    assert look(ModelShelf(settings), qtbot) == ["Own"]
