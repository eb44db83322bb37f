"""The workflows: what no linter knows of them, and actionlint where it is installed."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def text(request: pytest.FixtureRequest) -> str:
    return Path(request.param).read_text(encoding="utf-8")


@pytest.fixture
def workflow(text: str) -> dict[str, Any]:
    tree: dict[str, Any] = yaml.safe_load(text)
    return tree


def _steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_there_are_tests_and_bundles() -> None:
    assert [path.stem for path in FILES] == ["bundles", "tests"]


def test_every_action_is_pinned_by_its_whole_version(workflow: dict[str, Any]) -> None:
    actions = [step["uses"] for step in _steps(workflow) if "uses" in step]
    assert actions
    for action in actions:
        assert re.fullmatch(r"actions/[a-z-]+@v\d+\.\d+\.\d+", action), action


def test_only_what_makes_the_release_may_write(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    writers = [name for name, job in workflow["jobs"].items() if "permissions" in job]
    assert writers == (["release"] if "release" in workflow["jobs"] else [])
    for step in _steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_a_newer_push_ends_the_run_before_it_and_none_runs_for_hours(
    workflow: dict[str, Any],
) -> None:
    assert workflow["concurrency"]["cancel-in-progress"] is True
    assert all(job["timeout-minutes"] <= 120 for job in workflow["jobs"].values())


def test_no_text_from_outside_becomes_part_of_a_command(workflow: dict[str, Any]) -> None:
    for step in _steps(workflow):
        found = re.findall(r"\$\{\{ *([\w.]+)", step.get("run", ""))
        assert all(name.startswith("env.") for name in found), step["run"]


def test_what_is_called_exists(text: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:run: |^ +|sudo )make (\S+)", text, re.MULTILINE):
        rule = re.sub(r"(?<=ready-)\w+", "%", target)
        assert f"\n{rule}:" in makefile, target
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for names in re.findall(r'"\.\[([\w,]+)\]"', text):
        assert set(names.split(",")) <= set(extras["optional-dependencies"])


def test_the_three_systems_are_there(text: str) -> None:
    for system in ("ubuntu-", "windows-", "macos-"):
        assert system in text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_actionlint_finds_nothing(path: Path) -> None:
    program = shutil.which("actionlint")
    if program is None:
        pytest.skip("actionlint is not installed")
    result = subprocess.run([program, str(path)], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr
