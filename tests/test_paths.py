import stat
import sys
from pathlib import Path

import pytest

from chatapp import paths


def test_everything_lies_below_the_home_that_is_set(home: Path) -> None:
    places = [
        paths.data_dir(),
        paths.config_dir(),
        paths.cache_dir(),
        paths.log_dir(),
        paths.models_dir(),
    ]
    assert len(set(places)) == len(places)
    assert all(place.is_dir() and home in place.parents for place in places)
    assert paths.history_file().parent == paths.data_dir()
    assert paths.settings_file().parent == paths.config_dir()


def test_without_a_home_the_system_s_places_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHATAPP_HOME")
    monkeypatch.setattr(
        paths.platformdirs, "user_data_dir", lambda *_, **__: str(tmp_path / "data")
    )
    assert paths.data_dir() == tmp_path / "data"


@pytest.mark.skipif(sys.platform == "win32", reason="permissions")
def test_only_the_user_may_look_inside() -> None:
    for folder in (paths.data_dir(), paths.config_dir(), paths.log_dir()):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_from_source_the_engine_is_a_module() -> None:
    assert paths.engine_command() == [sys.executable, "-m", "chatapp.engine"]


def test_frozen_the_engine_lies_beside_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "chatapp"))
    (engine,) = paths.engine_command()
    assert Path(engine).parent == tmp_path
    assert Path(engine).stem == "chatapp-engine"


@pytest.mark.skipif(sys.platform != "linux", reason="glibc")
def test_the_engine_is_started_with_large_pages_and_the_user_s_own_word_is_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    assert paths.engine_environment()["GLIBC_TUNABLES"] == "glibc.malloc.hugetlb=1"
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=0")
    users = paths.engine_environment()["GLIBC_TUNABLES"]
    assert users.endswith(":glibc.malloc.hugetlb=0")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a frozen program, run without a home of its own."""
    monkeypatch.delenv("CHATAPP_HOME", raising=False)
    monkeypatch.setattr(
        paths.platformdirs, "user_data_dir", lambda *_, **__: str(tmp_path / "user")
    )
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "program" / "chatapp"))
    (tmp_path / "program").mkdir()
    return tmp_path / "program"


def test_frozen_the_models_that_came_along_lie_beside_the_program_s_own_modules(
    program: Path,
) -> None:
    assert paths.packages_dir() == Path(paths.__file__).parent.parent


def test_a_folder_for_data_beside_the_frozen_program_keeps_everything(program: Path) -> None:
    assert paths.data_dir() == program.parent / "user"
    (program / "chatapp-data").mkdir()
    places = (paths.data_dir(), paths.config_dir(), paths.cache_dir(), paths.log_dir())
    assert {place.parent for place in places} == {program / "chatapp-data"}


def test_a_home_that_is_set_goes_before_the_folder_beside_the_program(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (program / "chatapp-data").mkdir()
    monkeypatch.setenv("CHATAPP_HOME", str(tmp_path / "home"))
    assert paths.data_dir() == tmp_path / "home" / "data"


def test_a_folder_that_cannot_be_written_to_is_passed_over(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (program / "chatapp-data").mkdir()
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write anywhere
    assert paths.data_dir() == program.parent / "user"


def test_from_source_no_folder_beside_the_interpreter_counts(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (program / "chatapp-data").mkdir()
    monkeypatch.delattr(sys, "frozen")
    assert paths.data_dir() == program.parent / "user"
