"""Wherever the folder is put, the program runs; what it writes is the user's or lies beside it."""

import json
import os
import shutil
from pathlib import Path

import bare_root
import pytest
from program import DATA, clean_environment, run

ASK = ["ask", "Hello", "--max-new-tokens", "4"]


def files_below(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def self_test(program: Path, home: Path, **environment: str) -> dict[str, str]:
    """What the self-test of a program says that passes it."""
    command = [str(program), "--self-test", "--json"]
    ended = run(command, env=clean_environment(home, **environment))
    assert (ended.returncode, ended.stderr) == (0, "")
    report: dict[str, str] = json.loads(ended.stdout)["report"]
    return report


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_a_path_with_spaces_and_accents(own_bundle: Path, tmp_path: Path, locale: str) -> None:
    place = tmp_path / "Jörg's Wünsche – 模型" / "a folder"
    place.parent.mkdir()
    own_bundle.rename(place)
    home = tmp_path / "hôme sweet"
    home.mkdir()
    report = self_test(place / "chatapp", home, LC_ALL=locale)
    assert report["model"].startswith(str(place))
    assert report["data"] == str(home / DATA)


def test_a_link_to_the_program(bundle: Path, tmp_path: Path, home: Path) -> None:
    link = tmp_path / "bin" / "chat"
    link.parent.mkdir()
    link.symlink_to(bundle / "chatapp")
    assert self_test(link, home)["model"].startswith(str(bundle))


def test_a_folder_beside_the_program_keeps_everything(own_bundle: Path, home: Path) -> None:
    before = files_below(own_bundle)
    data = own_bundle / "chatapp-data"
    data.mkdir()
    report = self_test(own_bundle / "chatapp", home)
    assert {name for name in report if report[name].startswith(f"{data}")} == {
        "data",
        "settings",
        "cache",
        "log",
    }
    new = files_below(own_bundle) - before
    assert new
    assert all(path.is_relative_to(data) for path in new)
    assert files_below(home) == set()


@pytest.mark.parametrize("is_portable", [False, True])
def test_a_folder_that_nobody_may_write_to(
    own_bundle: Path, tmp_path: Path, home: Path, is_portable: bool
) -> None:
    if is_portable:
        (own_bundle / "chatapp-data").mkdir()
    before = files_below(own_bundle)
    command = [str(own_bundle / "chatapp"), *ASK]
    if os.geteuid() == 0:  # who may write everywhere
        if not bare_root.allows_namespaces():
            pytest.skip("this machine allows no namespaces, and root may write everywhere")
        script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
        command = ["unshare", "--mount", "sh", "-c", script, "enter", str(own_bundle), *command]
    else:
        for folder in (own_bundle, *(path for path in own_bundle.rglob("*") if path.is_dir())):
            folder.chmod(0o555)
    ended = run(command, env=clean_environment(home))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.strip()
    assert files_below(own_bundle) == before
    assert files_below(home)


def test_a_model_that_is_added_is_found_and_asked(bundle: Path, home: Path) -> None:
    (starter,) = bundle.rglob("SmolLM2*.gguf")
    models = home / DATA / "models"
    models.mkdir(parents=True)
    shutil.copy(starter, models / "another.gguf")
    environment = clean_environment(home)
    listed = run([str(bundle / "chatapp"), "models", "--json"], env=environment)
    assert {entry["path"] for entry in json.loads(listed.stdout)} == {
        str(starter),
        str(models / "another.gguf"),
    }
    question = [*ASK, "--model", "another"]
    ended = run([str(bundle / "chatapp"), *question], env=environment)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.strip()
