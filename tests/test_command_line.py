import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import byte_engine
import psutil
import pytest

CHATAPP = [sys.executable, "-m", "chatapp"]
SHORT = ["--max-new-tokens", "8", "--temperature", "0"]

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals and raw bytes")


@pytest.fixture(scope="module")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _measure_once(home: Path, shared_cache: Path) -> None:
    """What an engine measures of this machine at its first start serves all the tests here."""
    home.mkdir()
    (home / "cache").symlink_to(shared_cache, target_is_directory=True)


def _run(
    *arguments: str | bytes, stdin: bytes = b"", **env: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*CHATAPP, *arguments], input=stdin, capture_output=True, env=os.environ | env, timeout=60
    )


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*CHATAPP, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _ask_json(*arguments: str | bytes, stdin: bytes = b"") -> dict[str, Any]:
    ended = _run("ask", *arguments, "--json", *SHORT, stdin=stdin)
    assert (ended.returncode, ended.stderr) == (0, b"")
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def _complaint(ended: subprocess.CompletedProcess[bytes]) -> str:
    """The one line on stderr; nothing else was printed."""
    assert ended.stdout == b""
    (line,) = ended.stderr.decode().splitlines()
    return line


# ---- ask ----


def test_a_reply_is_streamed_to_stdout() -> None:
    process = _start("ask", "Count from one to a hundred.", "--seed", "1")
    assert process.stdout is not None
    assert process.stdout.read(1)
    assert process.poll() is None  # there is more to come
    process.kill()
    process.communicate()


def test_the_same_question_gets_the_same_answer_at_temperature_zero() -> None:
    first, second = (_run("ask", "What is the capital of France?", *SHORT) for _ in range(2))
    assert (first.returncode, first.stderr) == (0, b"")
    assert first.stdout == second.stdout
    assert first.stdout.strip()
    assert first.stdout.endswith(b"\n")


def test_json_tells_all_about_a_reply() -> None:
    answer = _ask_json("Tell me a long story.", "--seed", "5", "--model", "smollm2")
    assert answer["text"]
    assert answer["reasoning"] == ""
    assert "SmolLM2" in answer["model"]
    assert answer["finish_reason"] == "length"
    assert answer["seed"] == 5
    assert answer["usage"]["completion_tokens"] == 8
    assert answer["timings"]["first_token_s"] > 0


def test_piped_text_follows_the_question_or_is_the_question() -> None:
    whole = _ask_json("Translate:\n\nGood day.")
    for arguments, stdin in (
        (["Translate:"], b"Good day.\n"),
        ([], b"\xef\xbb\xbfTranslate:\n\nGood day.\n"),
    ):
        answer = _ask_json(*arguments, stdin=stdin)
        assert (answer["text"], answer["usage"]) == (whole["text"], whole["usage"])


def test_the_system_prompt_is_part_of_the_prompt() -> None:
    bare = _ask_json("Hello", "--system", "")["usage"]["prompt_tokens"]
    told = _ask_json("Hello", "--system", "You are a pirate of the seven seas.")
    assert told["usage"]["prompt_tokens"] != bare


@posix_only
def test_hard_text_is_asked_all_the_same() -> None:
    answer = _ask_json(b"broken \xff\xfe bytes", stdin="\x00\x1b[2J \u202e עברית 👩‍👩‍👧".encode())
    assert answer["usage"]["prompt_tokens"] > 10


@posix_only
def test_a_reader_that_leaves_ends_it_quietly() -> None:
    process = _start("ask", "Count from one to a hundred.")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(1)
    process.stdout.close()
    assert process.wait(10) == 0
    with process.stderr as stderr:
        assert stderr.read() == b""


@posix_only
def test_ctrl_c_stops_it_quietly_and_leaves_no_engine() -> None:
    # A shell lets what runs in the background ignore it, which a child would inherit.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = _start("ask", "Count from one to a hundred.")
    assert process.stdout is not None
    process.stdout.read(1)
    (engine,) = psutil.Process(process.pid).children()
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=10)
    assert (process.returncode, stderr) == (130, b"")
    engine.wait(5)


# ---- score ----


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_bytes(b"\xef\xbb\xbfThe sea is salty.\r\n")
    return path


@pytest.mark.parametrize("engine", [["llama"], ["native", "--weights", "f32"]])
def test_a_text_is_scored(letter: Path, engine: list[str]) -> None:
    ended = _run("score", str(letter), "--model", "smollm2", "--engine", *engine)
    assert (ended.returncode, ended.stderr) == (0, b"")
    perplexity, bits, size = ended.stdout.decode().splitlines()
    assert 100 < float(perplexity.removeprefix("perplexity").replace(",", "")) < 10_000
    assert 0 < float(bits.removeprefix("bits per byte")) < 10
    assert size.endswith(" of 16 bytes")


def test_a_score_as_json_has_every_token(letter: Path) -> None:
    ended = _run("score", str(letter), "--json")
    assert (ended.returncode, ended.stderr) == (0, b"")
    answer = json.loads(ended.stdout)
    assert answer["n_bytes"] == 16
    assert "".join(token["text"] for token in answer["tokens"]) == "The sea is salty.\r\n"
    assert answer["tokens"][0]["rank"] is None
    assert answer["tokens"][1]["rank"] >= 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"caf\xe9", "not UTF-8 at byte 3"),
        (b"\x7fELF\x00\x01", "binary data"),
        (None, "is a folder"),
    ],
)
def test_what_is_no_text_is_not_scored(tmp_path: Path, data: bytes | None, words: str) -> None:
    path = tmp_path / "thing"
    path.mkdir() if data is None else path.write_bytes(data)
    ended = _run("score", str(path))
    assert ended.returncode == 2
    assert words in _complaint(ended)


def test_a_file_or_a_model_that_is_missing_is_not_scored(tmp_path: Path, letter: Path) -> None:
    ended = _run("score", str(tmp_path / "gone.txt"))
    assert ended.returncode == 2
    assert "gone.txt cannot be read: No such file" in _complaint(ended)
    assert _run("score", str(letter), "--model", "no-such-model").returncode == 3


# ---- the terminal ----


@pytest.fixture
def other_engine(tmp_path: Path) -> dict[str, str]:
    """An environment in which the engine is the one of the tests, whose replies are known."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        "if 'chatapp.engine' in sys.orig_argv:\n"
        f"    os.execv(sys.executable, {byte_engine.command()!r})\n"
    )
    return {"PYTHONPATH": str(tmp_path)}


def _on_a_terminal(*arguments: str, **env: str) -> tuple[bytes, bytes]:
    """What goes to stdout and stderr when each is a terminal."""
    import pty

    terminals = [pty.openpty(), pty.openpty()]
    process = subprocess.Popen(
        [*CHATAPP, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=terminals[0][1],
        stderr=terminals[1][1],
        env=os.environ | env,
    )
    assert process.wait(20) == 0
    outputs = []
    for ours, theirs in terminals:
        os.write(theirs, b"$")  # a terminal without any output would have to be waited for
        outputs.append(os.read(ours, 10_000).removesuffix(b"$").replace(b"\r\n", b"\n"))
        os.close(ours)
        os.close(theirs)
    return outputs[0], outputs[1]


@posix_only
def test_reasoning_is_shown_on_a_terminal_beside_the_answer(other_engine: dict[str, str]) -> None:
    stdout, stderr = _on_a_terminal("ask", "Why?", STORY="<think>Hm.</think>So!", **other_engine)
    assert stdout == b"So!\n"
    assert re.sub(rb"\x1b\[2?2m", b"", stderr) == b"Hm.\n\n"


@posix_only
def test_reasoning_is_no_part_of_what_is_piped_on(other_engine: dict[str, str]) -> None:
    ended = _run("ask", "Why?", STORY="<think>Hm.</think>So!", **other_engine)
    assert (ended.stdout, ended.stderr) == (b"So!\n", b"")
    ended = _run("ask", "Why?", "--json", STORY="<think>Hm.</think>So!", **other_engine)
    answer = json.loads(ended.stdout)
    assert (answer["text"], answer["reasoning"]) == ("So!", "Hm.")


@posix_only
def test_a_reply_cannot_command_the_terminal(other_engine: dict[str, str]) -> None:
    story = "\x1b]0;title\x07\x1b[2J\tred\nend\n"
    stdout, _ = _on_a_terminal("ask", "Why?", STORY=story, **other_engine)
    assert stdout == b"]0;title[2J\tred\nend\n"
    assert _run("ask", "Why?", STORY=story, **other_engine).stdout == story.encode()


# ---- what goes wrong ----


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["frobnicate"], "invalid choice"),
        (["ask", "--temperature", "hot", "Hi"], "invalid float value"),
        (["ask", "--temperature", "99", "Hi"], "temperature is 99"),
        (["ask", "--seed", "-1", "Hi"], "seed is -1"),
        (["ask", "--max-new-tokens", "0", "Hi"], "max_new_tokens is 0"),
        (["ask", "  "], "There is no question"),
        (["ask", "Hi", "there"], "unrecognized arguments"),
    ],
)
def test_wrong_use_is_said_in_one_line(arguments: list[str], words: str) -> None:
    ended = _run(*arguments)
    assert ended.returncode == 2
    assert words in _complaint(ended)


def test_a_problem_with_the_model_is_said_in_one_line(tmp_path: Path) -> None:
    text = tmp_path / "text.gguf"
    text.write_text("This is no model.\n" * 100)
    for name in (str(text), str(tmp_path / "gone.gguf"), "no-such-model"):
        ended = _run("ask", "Hi", "--model", name)
        assert ended.returncode == 3
        assert Path(name).name in _complaint(ended)


def test_a_question_longer_than_the_context_is_said_with_both_figures() -> None:
    ended = _run("ask", stdin=b"salty sea " * 20_000)
    assert ended.returncode == 4
    assert re.search(r"needs 4\d,\d{3} tokens, limit \d,\d{3}", _complaint(ended))


def test_an_engine_that_dies_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\nif 'chatapp.engine' in sys.orig_argv:\n    os._exit(7)\n"
    )
    ended = _run("ask", "Hi", PYTHONPATH=str(tmp_path))
    assert ended.returncode == 4
    assert "code 7" in _complaint(ended)


def test_a_home_that_cannot_be_used_is_said_and_the_question_is_answered(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = _run("ask", "Hi", *SHORT, CHATAPP_HOME=str(tmp_path / "file"))
    assert ended.returncode == 0
    assert ended.stdout.strip()
    assert str(tmp_path / "file") in ended.stderr.decode()


def test_damaged_settings_are_said_and_the_question_is_answered(home: Path) -> None:
    settings = home / "config" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_bytes(b"\x00garbage")
    ended = _run("ask", "Hi", *SHORT)
    assert ended.returncode == 0
    assert ended.stdout.strip()
    assert b"The settings were damaged" in ended.stderr


def test_settings_hold_for_the_command_line_too(home: Path, tmp_path: Path) -> None:
    settings = home / "config" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"default_model = '{tmp_path / 'gone.gguf'}'\n")
    ended = _run("ask", "Hi")
    assert ended.returncode == 3
    assert "gone.gguf" in _complaint(ended)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="always a display")
def test_without_a_display_it_names_the_way_that_needs_none() -> None:
    ended = _run(DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert ended.returncode == 2
    assert "chatapp ask" in _complaint(ended)


# ---- models, version ----


def test_models_are_listed_with_what_matters(home: Path) -> None:
    broken = home / "data" / "models" / "broken.gguf"
    broken.parent.mkdir(parents=True)
    broken.write_text("This is no model.")
    ended = _run("models")
    assert (ended.returncode, ended.stderr) == (0, b"")
    heading, *rows = ended.stdout.decode().splitlines()
    assert heading.startswith("MODEL")
    (starter,) = (row for row in rows if "SmolLM2" in row)
    assert all(word in starter for word in ("135 M", "Q4_1", "apache-2.0", "8,192"))
    (refused,) = (row for row in rows if "broken.gguf" in row)
    assert "unusable" in refused


def test_models_as_json(starter_model: Path) -> None:
    entries = json.loads(_run("models", "--json").stdout)
    (entry,) = (entry for entry in entries if entry["path"] == str(starter_model))
    assert entry["error"] == ""


def test_the_version_needs_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; before = set(sys.modules); from chatapp.__main__ import main\n"
        "try: main(['--version'])\n"
        "finally: print(*(set(sys.modules) - before))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    version, names = ended.stdout.splitlines()
    assert version.startswith("chatapp ")
    assert {name.partition(".")[0] for name in names.split()} - sys.stdlib_module_names == {
        "chatapp"
    }
