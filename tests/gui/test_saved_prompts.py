from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from chatapp.gui.saved_prompts import SavedPrompt, SavedPrompts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "prompts.toml"


def test_without_a_file_there_are_three_examples(path: Path) -> None:
    assert len(SavedPrompts(path).all) == 3
    assert not path.exists()


def test_what_is_saved_is_there_at_the_next_start_in_order_of_the_names(path: Path) -> None:
    wanted = [SavedPrompt("b", "Zwei\n“{{x}}” 🙂"), SavedPrompt("A", "one")]
    SavedPrompts(path).save(wanted)
    assert SavedPrompts(path).all == (wanted[1], wanted[0])
    SavedPrompts(path).save([])
    assert SavedPrompts(path).all == ()  # the examples do not come back


@pytest.mark.parametrize(
    "content",
    [b"\xff", b"prompt = 3", b"[[prompt]]\nname = 1\ntext = ''", b"[", b"a=" + b"[" * 9999],
)
def test_a_damaged_file_is_set_aside_and_said(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    prompts = SavedPrompts(path)
    said: list[str] = []
    prompts.failed.connect(said.append)
    assert len(prompts.all) == 3
    (aside,) = path.parent.iterdir()
    assert aside.read_bytes() == content
    assert str(aside) in said[0]


def test_a_file_that_cannot_be_read_is_said_and_kept(path: Path) -> None:
    path.mkdir()
    prompts = SavedPrompts(path)
    said: list[str] = []
    prompts.failed.connect(said.append)
    assert len(prompts.all) == 3
    assert "cannot be read" in said[0]
    prompts.save([SavedPrompt("a", "b")])
    assert SavedPrompts(path).all == (SavedPrompt("a", "b"),)
    assert len(list(path.parent.glob("prompts.toml.unread-*"))) == 1


def test_prompts_that_cannot_be_written_are_said_and_in_force(path: Path, qtbot: QtBot) -> None:
    prompts = SavedPrompts(path / "gone")
    with qtbot.waitSignal(prompts.failed) as said:
        prompts.save([SavedPrompt("a", "b")])
    assert said.args is not None
    assert "cannot be written" in said.args[0]
    assert prompts.all == (SavedPrompt("a", "b"),)


def test_a_prompt_is_found_by_words_of_its_name_and_first_line() -> None:
    prompt = SavedPrompt("Polite Letter", "\nAsk for a refund\nDear Sir")
    assert prompt.matches("")
    assert prompt.matches("letter refund")
    assert not prompt.matches("dear")
