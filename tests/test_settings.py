import os
import tomllib
from pathlib import Path

import msgspec
import pytest

from chatapp.errors import SettingsError
from chatapp.settings import Settings, SettingsFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_without_a_file_the_defaults_hold_and_none_is_written(path: Path) -> None:
    file = SettingsFile(path)
    assert file.current == Settings()
    assert file.problem == ""
    assert not path.exists()


def test_a_change_is_there_at_the_next_start(path: Path) -> None:
    changed = SettingsFile(path).change(theme="dark", model_paths=("/models/ü.gguf",))
    assert SettingsFile(path).current == changed
    assert changed == Settings(theme="dark", model_paths=("/models/ü.gguf",))


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\xff\xfe garbage \x80",
        b"theme = ",
        b"theme = 'purple'",
        b"temperature = 'hot'",
        b"temperature = 99.0",
        b"temperature = nan",
        b"model_paths = [1, 2]",
        b"[" * 5000,
        b"a = " + b"[" * 5000,
        bytes(range(256)) * 16,
    ],
)
def test_garbage_is_set_aside_and_said(path: Path, garbage: bytes) -> None:
    path.write_bytes(garbage)
    file = SettingsFile(path)
    assert file.current == Settings()
    (aside,) = path.parent.iterdir()
    assert aside.read_bytes() == garbage
    assert str(aside) in file.problem
    file.change(temperature=0.2)
    assert SettingsFile(path).current.temperature == 0.2


def test_keys_of_a_newer_version_are_kept(path: Path) -> None:
    path.write_text('theme = "light"\nflavour = "salt"\n[voice]\npitch = 3\n')
    file = SettingsFile(path)
    assert file.problem == ""
    file.change(theme="dark")
    written = tomllib.loads(path.read_text())
    assert written["theme"] == "dark"
    assert written["flavour"] == "salt"
    assert written["voice"] == {"pitch": 3}


def test_a_wrong_type_is_refused_and_changes_nothing(path: Path) -> None:
    file = SettingsFile(path)
    with pytest.raises(msgspec.ValidationError):
        file.change(temperature="hot")
    assert file.current == Settings()
    assert not path.exists()


def test_the_file_is_replaced_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = SettingsFile(path)
    file.change(theme="dark")
    before = path.read_bytes()

    def crash(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(SettingsError, match="No space left"):
        file.change(theme="light")
    assert path.read_bytes() == before
    assert file.current.theme == "light"  # in force all the same


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "gone" / "settings.toml")
    with pytest.raises(SettingsError, match="cannot be written"):
        file.change(theme="dark")


def test_settings_that_cannot_be_read_are_said_and_left_alone(path: Path) -> None:
    path.mkdir()
    file = SettingsFile(path)
    assert file.current == Settings()
    assert "cannot be read" in file.problem
    assert path.is_dir()
