import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from gguf_files import write_sparse_gguf, write_tiny_gguf, write_tiny_parts

from chatapp import paths
from chatapp.errors import ModelFileError
from chatapp.library import shelf
from chatapp.library.shelf import ModelEntry, describe, find_models, resolve_model


@pytest.fixture(autouse=True)
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Installed packages of this test alone."""
    folder = tmp_path / "site-packages"
    (folder / "some_package").mkdir(parents=True)
    monkeypatch.setattr(paths, "packages_dir", lambda: folder)
    monkeypatch.setattr(paths, "shipped_models_dir", lambda: tmp_path / "shipped")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "added"
    folder.mkdir()
    return folder


def found(*extra: Path, hidden: tuple[str, ...] = ()) -> dict[str, ModelEntry]:
    entries = find_models([str(path) for path in extra], hidden)
    by_name = {Path(entry.path).name: entry for entry in entries}
    assert len(by_name) == len(entries)
    return by_name


def test_nothing_is_there_at_first() -> None:
    assert find_models([], []) == ()


def test_models_are_found_in_all_three_places(packages: Path, folder: Path) -> None:
    write_tiny_gguf(paths.models_dir() / "own.gguf")
    write_tiny_gguf(packages / "some_package" / "packed.gguf")
    write_tiny_gguf(folder / "mine.gguf")
    sources = {name: entry.source for name, entry in found(folder).items()}
    assert sources == {"own.gguf": "app", "packed.gguf": "package", "mine.gguf": "added"}


def test_starter_model_is_found_in_its_package(
    starter_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "packages_dir", lambda: starter_model.parent.parent)
    (entry,) = find_models([], [])
    assert entry.path == str(starter_model)
    assert entry.source == "package"
    assert entry.error is None
    assert entry.fit is not None
    assert entry.fit.level == "easy"


def test_entry_describes_its_model(folder: Path) -> None:
    path = write_tiny_gguf(folder / "tiny.gguf")
    entry = describe(str(path))
    assert (entry.name, entry.architecture, entry.quantization) == ("Tiny Test", "llama", "F32")
    assert (entry.n_ctx_train, entry.license, entry.has_chat_template) == (512, "apache-2.0", True)
    assert entry.size_bytes == path.stat().st_size
    assert entry.n_params == 29_440


def test_relative_path_becomes_an_absolute_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_tiny_gguf(folder / "tiny.gguf")
    monkeypatch.chdir(folder)
    assert describe("tiny.gguf").path == str(path)


def test_what_cannot_be_used_comes_last_with_its_reason(folder: Path) -> None:
    write_tiny_gguf(folder / "z.gguf", name="Zebra")
    (folder / "a.gguf").write_text("Dear diary")
    (folder / "b.gguf").write_bytes(b"")
    (folder / "c.gguf").mkdir()
    os.truncate(write_tiny_gguf(folder / "d.gguf"), 50_000)
    (folder / "e.gguf").symlink_to(folder / "nowhere")
    entries = found(folder)
    assert list(entries) == ["z.gguf", "a.gguf", "b.gguf", "c.gguf", "d.gguf", "e.gguf"]
    codes = [entry.error_code for entry in entries.values()]
    assert codes == [None, "not_a_model", "not_a_model", "not_a_model", "damaged", "file_missing"]
    assert all(entry.error for entry in list(entries.values())[1:])
    assert "byte 50,000 of" in str(entries["d.gguf"].error)


def test_model_too_large_for_this_computer_says_so(folder: Path) -> None:
    entry = describe(str(write_sparse_gguf(folder / "huge.gguf", 10**12)))
    assert entry.error is None
    assert entry.fit is not None
    assert entry.fit.level == "no"


def test_file_and_folder_that_are_gone_stay_on_the_shelf_with_the_reason(folder: Path) -> None:
    entries = found(folder / "gone.gguf", folder / "gone")
    assert {entry.error_code for entry in entries.values()} == {"file_missing"}
    assert set(entries) == {"gone.gguf", "gone"}


def test_hidden_models_are_left_out(folder: Path) -> None:
    path = write_tiny_gguf(folder / "tiny.gguf")
    assert found(folder, hidden=(str(path),)) == {}


def test_file_met_twice_is_on_the_shelf_once(folder: Path) -> None:
    path = write_tiny_gguf(folder / "tiny.gguf")
    (folder / "link.gguf").symlink_to(path)
    assert len(find_models([str(folder), str(path), str(folder)], [])) == 1


def test_folders_inside_folders_are_searched_and_hidden_ones_are_not(folder: Path) -> None:
    for place in ("a/b/c", ".git/a"):
        (folder / place).mkdir(parents=True)
        write_tiny_gguf(folder / place / f"{place[0]}x.gguf")
    assert list(found(folder)) == ["ax.gguf"]


def test_links_that_lead_back_end_nothing(folder: Path) -> None:
    (folder / "inside").mkdir()
    (folder / "inside" / "back").symlink_to(folder)
    write_tiny_gguf(folder / "inside" / "tiny.gguf")
    assert list(found(folder)) == ["tiny.gguf"]


def test_name_may_end_in_capitals(folder: Path) -> None:
    write_tiny_gguf(folder / "LOUD.GGUF")
    assert list(found(folder)) == ["LOUD.GGUF"]


def test_folder_too_large_to_search_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "MAX_FILES", 2)
    for name in ("a", "b", "c"):
        write_tiny_gguf(folder / f"{name}.gguf")
    entries = found(folder)
    assert list(entries) == ["a.gguf", "b.gguf", "added"]
    assert "too large" in str(entries["added"].error)


def test_parts_are_one_entry(folder: Path) -> None:
    parts = write_tiny_parts(folder / "big.gguf")
    entries = found(folder)
    assert list(entries) == [parts[0].name]
    assert entries[parts[0].name].size_bytes == sum(part.stat().st_size for part in parts)


def test_part_without_the_first_is_explained(folder: Path) -> None:
    parts = write_tiny_parts(folder / "big.gguf")
    parts[0].unlink()
    entries = found(folder)
    assert set(entries) == {parts[1].name, parts[2].name}
    assert "choose the first" in str(entries[parts[1].name].error)


def test_companions_in_a_folder_are_passed_over_and_named_ones_explained(folder: Path) -> None:
    path = write_tiny_gguf(folder / "mmproj.gguf", {"general.type": "mmproj"})
    assert found(folder) == {}
    assert "reads images" in str(found(path)["mmproj.gguf"].error)


def test_changed_file_is_read_again(folder: Path) -> None:
    path = write_tiny_gguf(folder / "tiny.gguf", name="Before")
    assert describe(str(path)).name == "Before"
    write_tiny_gguf(path, name="Afterwards")
    assert describe(str(path)).name == "Afterwards"


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for all, looked at by a user who is not allowed everything, as root is."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "home").mkdir(mode=0o777)
        (folder / "home").chmod(0o777)
        monkeypatch.setenv("CHATAPP_HOME", str(folder / "home"))
        write_tiny_gguf(folder / "secret.gguf").chmod(0)
        (folder / "closed").mkdir(mode=0)
        was = os.geteuid()
        if was == 0:
            os.seteuid(65534)
        yield folder
        os.seteuid(was)
        (folder / "closed").chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of files work otherwise there")
def test_what_may_not_be_read_is_explained(nobody: Path) -> None:
    entries = found(nobody, nobody / "closed")
    assert "permissions forbid it" in str(entries["secret.gguf"].error)
    assert "cannot be opened (Permission denied)" in str(entries["closed"].error)


@pytest.fixture
def entries(folder: Path) -> tuple[ModelEntry, ...]:
    for name in ("Qwen3 8B", "Qwen3 14B", "Llama 3 8B", "Llama"):
        write_tiny_gguf(folder / f"{name.replace(' ', '-').lower()}.gguf", name=name)
    (folder / "broken.gguf").write_bytes(b"GGUF")
    return find_models([str(folder)], [])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Qwen3 8B", "Qwen3 8B"),
        ("qwen3 8b", "Qwen3 8B"),
        ("14b", "Qwen3 14B"),
        ("llama", "Llama"),
        ("llama-3", "Llama 3 8B"),
    ],
)
def test_model_is_named_by_its_name_or_a_part_of_it(
    text: str, name: str, entries: tuple[ModelEntry, ...]
) -> None:
    assert resolve_model(text, entries).name == name


def test_model_is_named_by_its_path(folder: Path) -> None:
    path = write_tiny_gguf(folder / "elsewhere.bin")
    assert resolve_model(str(path), ()).path == str(path)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("qwen", "file_missing", "“qwen” may mean: Qwen3 14B, Qwen3 8B"),
        ("mistral", "file_missing", "There is no model “mistral”. The models are: Llama,"),
        ("broken", "damaged", "broken.gguf: Damaged"),
        ("nowhere.gguf", "file_missing", "nowhere.gguf: The file is not there"),
    ],
)
def test_what_names_no_model_is_explained(
    text: str, code: str, words: str, entries: tuple[ModelEntry, ...]
) -> None:
    with pytest.raises(ModelFileError, match=words) as caught:
        resolve_model(text, entries)
    assert caught.value.code == code


def test_no_models_at_all_is_said() -> None:
    with pytest.raises(ModelFileError, match="The models are: none"):
        resolve_model("qwen", ())
