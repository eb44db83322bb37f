"""The program on a Linux without Python, without a compiler and without a network."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import bare_root
import pytest
from conftest import DIST
from program import Window, choose, replies, run, until

CHATAPP = str(bare_root.PROGRAM / "chatapp")
QUESTION = "What is the capital of France?"
# What the package system keeps of what was once installed, and what is not of this root.
KEPT = ("/proc/", "/var/lib/dpkg/", "/var/log/", "/var/cache/", "/tmp/.X11-unix/")

pytestmark = pytest.mark.skipif(bare_root.why_not() != "", reason=bare_root.why_not())

Inside = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def root() -> Path:
    return bare_root.make()


@pytest.fixture
def inside(root: Path, each_bundle: Path, home: Path) -> Inside:
    """Runs a command in the root, the bundle in its place."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run(bare_root.command(root, arguments, home=home, bundle=each_bundle))

    return call


def test_there_is_no_python_no_compiler_and_no_network_in_it(root: Path, home: Path) -> None:
    def call(*arguments: str) -> str:
        ended = run(bare_root.command(root, arguments, home=home))
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    programs = {Path(line).name for line in call("find", "/usr/bin", "/usr/sbin").split()}
    assert len(programs) > 200
    unwanted = ("python", "gcc", "g++", "cc", "clang", "tcc", "pip", "cmake", "make", "ld")
    assert not [name for name in programs if name.rstrip("0123456789.-") in unwanted]
    assert not [
        name for name in call("find", "/usr/lib", "/usr/local").split() if "python3" in name
    ]
    interfaces = call("cat", "/proc/net/dev").splitlines()[2:]
    assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]
    assert call("cat", "/proc/net/route").splitlines()[1:] == []
    assert call("id", "-u").strip() == str(bare_root.USER_ID)


def test_a_question_is_answered(inside: Inside) -> None:
    ended = inside(CHATAPP, "ask", QUESTION, "--max-new-tokens", "12", "--temperature", "0")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Paris" in ended.stdout


def test_the_self_test_passes(inside: Inside, each_bundle: Path) -> None:
    ended = inside(CHATAPP, "--self-test", "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    report = json.loads(ended.stdout)["report"]
    assert report["chatapp"].endswith(str(bare_root.PROGRAM))
    assert report["model"].startswith(str(bare_root.PROGRAM))
    assert report["data"].startswith(str(bare_root.HOME))
    is_lite = each_bundle.name.endswith("lite")
    assert ("not in this edition" in report["native"]) == is_lite
    assert ("8 tokens" in report["native"]) == (not is_lite)


def test_a_question_typed_in_the_window_is_answered(
    root: Path, each_bundle: Path, home: Path, display: str
) -> None:
    choose(home)
    command = bare_root.command(root, [CHATAPP], home=home, bundle=each_bundle, display=display)
    with Window(command, dict(os.environ), display) as window:
        window.ask(QUESTION)
        (reply,) = until(lambda: replies(home), "the reply was in the history")
    assert window.process.returncode == 0
    assert reply.text.strip()
    assert reply.model_path.startswith(str(bare_root.PROGRAM))


@pytest.mark.parametrize("flavour", ["chatapp-lite", "chatapp"])
def test_the_package_is_installed_runs_and_leaves_nothing_behind(
    root: Path, home: Path, tmp_path: Path, flavour: str
) -> None:
    (package,) = DIST.glob(f"{flavour}-[0-9]*.deb")
    own = tmp_path / "root"
    subprocess.run(["cp", "--archive", root, own], check=True)

    def as_root(*arguments: str) -> str:
        ended = run(bare_root.command(own, arguments, home=home, user_id=0), timeout=300)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    try:
        before = _files(as_root)
        shutil.copy(package, home / "package.deb")
        as_root("dpkg", "--install", str(bare_root.HOME / "package.deb"))
        question = ["/usr/bin/chatapp", "ask", QUESTION, "--max-new-tokens", "4"]
        ended = run(bare_root.command(own, question, home=home))
        assert (ended.returncode, ended.stderr) == (0, "")
        assert ended.stdout.strip()
        new = _files(as_root) - before
        assert any(name.endswith(".desktop") for name in new)
        as_root("dpkg", "--purge", flavour)
        assert _files(as_root) <= before  # an empty /opt goes as well
    finally:
        shutil.rmtree(own)


def _files(as_root: Callable[..., str]) -> set[str]:
    places = as_root("find", "/", "-xdev").splitlines()
    home = str(bare_root.HOME)
    return {place for place in places if not place.startswith((*KEPT, home))}
