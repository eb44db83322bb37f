"""The README says what is there: files, pictures, commands."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import folder_map

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_map_names_every_file_and_what_it_is_for() -> None:
    assert f"```\n{folder_map.draw()}```" in README, "run scripts/folder_map.py"


@pytest.mark.parametrize("target", re.findall(r"\]\((?!https?:)([^)#]+)\)", README))
def test_what_the_readme_links_to_is_there(target: str) -> None:
    assert (ROOT / target).is_file()


@pytest.mark.parametrize(
    "target", sorted(set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE)))
)
def test_the_makefile_has_the_target(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_the_commands_have_the_options_the_readme_gives_them() -> None:
    used = {
        (command, option)
        for command, rest in re.findall(r"^\.venv/bin/chatapp (\w+)(.*)$", README, re.MULTILINE)
        for option in re.findall(r"--[a-z-]+", rest)
    }
    assert len(used) > 4
    for command in {command for command, _ in used}:
        program = [sys.executable, "-m", "chatapp", command, "--help"]
        help_text = subprocess.run(program, capture_output=True, text=True, check=True).stdout
        for option in (option for name, option in used if name == command):
            assert f"{option} " in help_text
