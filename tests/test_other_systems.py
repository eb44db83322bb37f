"""What is different on Windows and macOS, as far as it can be tried on another system."""

import os
from pathlib import Path

import pytest

from chatapp.runs.run_folder import RunFolder
from chatapp.transfer.file_names import file_name


def test_a_status_read_by_the_window_at_that_moment_is_written_a_moment_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to replace a file that is open."""
    replace, refusals = os.replace, iter(range(3))

    def refuse_at_first(source: Path, target: Path) -> None:
        if next(refusals, None) is not None:
            raise PermissionError(13, "Access is denied", str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse_at_first)
    folder = RunFolder(tmp_path)
    folder.ask("pause")
    assert (tmp_path / "request").read_bytes() == b"pause"
    assert next(refusals, None) is None


@pytest.mark.parametrize("title", ["COM¹", "lpt³.x", "CONIN$", "conout$"])
def test_names_that_only_windows_knows_as_devices_are_no_file_names(title: str) -> None:
    assert file_name(title, ".md").startswith("_")
