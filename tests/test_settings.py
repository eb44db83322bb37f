import os
import tomllib
from pathlib import Path
from queue import Queue
from threading import Event

import msgspec
import pytest

from chatapp.chat import GenerationParams
from chatapp.presets import BUILT_IN, Preset
from chatapp.settings import LoadValues, ModelValues, Settings, SettingsFile

PATIENCE_S = 10


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_without_a_file_the_defaults_hold_and_none_is_written(path: Path) -> None:
    file = SettingsFile(path)
    assert file.current == Settings()
    assert file.problem is None
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
        b"n_ctx = 'long'",
        b"font_percent = 900",
        b"[[presets]]\nname = 'Hot'\n[presets.params]\ntemperature = 99.0",
        b"[[presets]]\nname = 'Hot'\n[presets.params]\ntemperature = nan",
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
    assert str(aside) in str(file.problem)
    file.change(n_ctx=512)
    assert SettingsFile(path).current.n_ctx == 512


def test_keys_of_a_newer_version_are_kept(path: Path) -> None:
    path.write_text('theme = "light"\nflavour = "salt"\n[voice]\npitch = 3\n')
    file = SettingsFile(path)
    assert file.problem is None
    file.change(theme="dark")
    assert SettingsFile(path).current.theme == "dark"
    written = tomllib.loads(path.read_text())
    assert written["theme"] == "dark"
    assert written["flavour"] == "salt"
    assert written["voice"] == {"pitch": 3}


def test_a_wrong_type_is_refused_and_changes_nothing(path: Path) -> None:
    file = SettingsFile(path)
    with pytest.raises(msgspec.ValidationError):
        file.change(n_ctx="long")
    assert file.current == Settings()
    assert not path.exists()


def test_the_file_is_replaced_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = SettingsFile(path)
    file.change(theme="dark")
    assert SettingsFile(path).current.theme == "dark"  # written by now
    before = path.read_bytes()

    def crash(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", crash)
    said = failures(file)
    file.change(theme="light")
    assert "No space left" in said.get(timeout=PATIENCE_S)
    assert path.read_bytes() == before
    assert file.current.theme == "light"  # in force all the same


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "gone" / "settings.toml")
    said = failures(file)
    file.change(theme="dark")
    assert "cannot be written" in said.get(timeout=PATIENCE_S)


def test_settings_that_cannot_be_read_are_said_and_never_written_over(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("theme = 'dark'")

    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "read_text", fail)
        file = SettingsFile(path)
    assert file.current == Settings()
    assert "cannot be read" in str(file.problem)
    file.change(n_ctx=512)
    assert SettingsFile(path).current == Settings(n_ctx=512)
    (kept,) = path.parent.glob("settings.toml.unread-*")
    assert kept.read_text() == "theme = 'dark'"


def test_who_changes_does_not_wait_for_the_disk(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = SettingsFile(path)
    goes_on = Event()
    monkeypatch.setattr(os, "fsync", lambda _: goes_on.wait(PATIENCE_S))
    file.change(n_ctx=512)
    file.change(n_ctx=1024)
    assert not path.exists()
    goes_on.set()
    assert SettingsFile(path).current.n_ctx == 1024


def failures(file: SettingsFile) -> Queue[str]:
    said: Queue[str] = Queue()
    file.on_failure(lambda sentence: said.put(str(sentence)))
    return said


WARM, COLD = GenerationParams(temperature=1.5), GenerationParams(temperature=0.1)


def test_parameters_of_a_conversation_come_before_those_of_its_model_and_of_the_preset() -> None:
    own = Preset(name="Mine", system_prompt="Be kind.", params=GenerationParams(top_k=7))
    settings = Settings(
        presets=(own,), default_preset="Mine", models={"/m/a.gguf": ModelValues(params=WARM)}
    )
    assert settings.params_for(COLD, "/m/a.gguf") == COLD
    assert settings.params_for(None, "/m/a.gguf") == WARM
    assert settings.params_for(None, "/m/b.gguf") == own.params
    assert Settings().params_for(None, "/m/a.gguf") == GenerationParams()


def test_the_default_preset_that_is_gone_gives_way_to_the_first() -> None:
    assert Settings(default_preset="Gone").preset() == BUILT_IN[0]


def test_a_preset_without_a_system_prompt_leaves_it_to_the_general_one() -> None:
    told = Preset(name="Told", system_prompt="Be kind.")
    settings = Settings(system_prompt="Be brief.", presets=(told,))
    assert settings.new_system_prompt() == "Be brief."
    assert Settings(presets=(told,), default_preset="Told").new_system_prompt() == "Be kind."


def test_a_model_is_loaded_with_its_own_values_and_the_general_ones_for_the_rest() -> None:
    settings = Settings(n_ctx=4096, n_threads=3, models={"/m/a.gguf": ModelValues(n_ctx=512)})
    assert settings.load_values("/m/a.gguf") == LoadValues(
        backend="llama",
        weights="auto",
        n_ctx=512,
        n_threads=3,
        n_gpu_layers=-1,
        idle_unload_s=900.0,
    )
    assert settings.load_values("/m/b.gguf").n_ctx == 4096


def test_presets_and_values_of_models_are_there_at_the_next_start(path: Path) -> None:
    preset = Preset(name="Mine “ü”", params=GenerationParams(stop=("###",), seed=7))
    models = {"/m/ü 1.gguf": ModelValues(n_ctx=512, params=WARM)}
    changed = SettingsFile(path).change(presets=(preset,), models=models)
    assert changed.presets == (preset,)
    assert SettingsFile(path).current == changed


def test_who_listens_is_told_of_every_change_also_when_it_cannot_be_written(path: Path) -> None:
    file = SettingsFile(path.parent / "gone" / "settings.toml")
    heard: list[str] = []
    file.listen(lambda: heard.append(file.current.theme))
    file.change(theme="dark")
    assert heard == ["dark"]
