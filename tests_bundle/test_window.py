"""The window of the bundle, worked with by keys."""

import shutil
import tomllib
from pathlib import Path

import pytest
from program import DATA, SETTINGS, Window, choose, clean_environment, history, replies, run, until

LONG = "Tell me a very long story about the sea, with all its waves and ships."


@pytest.fixture
def command(bundle: Path) -> list[str]:
    return [str(bundle / "chatapp")]


@pytest.fixture
def environment(home: Path, display: str) -> dict[str, str]:
    return clean_environment(home, DISPLAY=display, QT_QPA_PLATFORM="xcb")


@pytest.fixture
def window(home: Path, command: list[str], environment: dict[str, str], display: str) -> Window:
    choose(home, max_new_tokens=300)
    with Window(command, environment, display) as window:
        yield window


def font_percent(home: Path) -> int:
    try:
        return int(tomllib.loads((home / SETTINGS).read_text()).get("font_percent", 100))
    except FileNotFoundError:
        return 100


def test_an_engine_that_is_killed_loses_nothing_and_is_started_again(
    window: Window, home: Path
) -> None:
    window.ask(LONG)
    until(lambda: any(s.status == "streaming" and s.text for s in history(home)), "it was writing")
    engine = window.engine()
    engine.kill()
    question, reply = until(
        lambda: [s for s in history(home) if s.status != "streaming"][1:] and history(home),
        "the reply was closed",
    )
    assert question.text == LONG
    assert reply.status != "complete"
    assert reply.text.strip()
    window.ask("What is the capital of France?")
    until(lambda: replies(home), "the next question was answered")
    assert window.engine().pid != engine.pid


def test_settings_that_are_changed_are_there_at_the_next_start(
    command: list[str], environment: dict[str, str], display: str, home: Path
) -> None:
    for percent in (110, 120):
        with Window(command, environment, display) as window:
            window.press("ctrl+plus")
            until(lambda percent=percent: font_percent(home) == percent, "the letters were larger")
        assert window.process.returncode == 0


def test_a_model_that_is_chosen_in_the_settings_answers(
    bundle: Path, command: list[str], environment: dict[str, str], display: str, home: Path
) -> None:
    (starter,) = bundle.rglob("SmolLM2*.gguf")
    added = home / "models of mine" / "another.gguf"
    added.parent.mkdir()
    shutil.copy(starter, added)
    choose(home, default_model=str(added), model_paths=[str(added.parent)])
    with Window(command, environment, display) as window:
        window.ask("What is the capital of France?")
        (reply,) = until(lambda: replies(home), "the reply was in the history")
    assert reply.model_path == str(added)


def test_a_second_start_brings_the_first_window_forward(
    window: Window,
    command: list[str],
    environment: dict[str, str],
    display: str,
    tmp_path: Path,
) -> None:
    assert window.is_in_front()
    with Window(command, environment | {"HOME": str(tmp_path)}, display) as another:
        assert another.is_in_front()
        assert run(command, env=environment).returncode == 0
        until(window.is_in_front, "the first window came forward")


def test_closing_the_window_leaves_no_process_and_a_whole_history(
    window: Window, home: Path
) -> None:
    window.ask("What is the capital of France?")
    until(lambda: replies(home), "the reply was in the history")
    engine = window.engine()
    window.process.terminate()
    assert window.process.wait(20) == 0
    engine.wait(10)
    assert not (home / DATA / "history.sqlite3-wal").exists()
