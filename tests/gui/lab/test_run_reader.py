import os
import subprocess
import sys
from pathlib import Path

import pytest
from lab_place import RECIPE, at_step, done, working, write_run, write_status
from msgspec import structs

from chatapp import paths
from chatapp.gui.lab.run_reader import HELD_OUT, Curve, RunReader, Tail, thinned
from chatapp.runs.run_folder import CONFIG, LOG, METRICS, Metric, RunFolder, Sample, Status


@pytest.fixture
def starts() -> dict[str, float]:
    return {}


@pytest.fixture
def reader(starts: dict[str, float]) -> RunReader:
    return RunReader(paths.runs_dir(), starts)


def only(reader: RunReader):
    (summary,) = reader.summaries()
    return summary


def steps(lines: list[Metric]) -> list[int]:
    return [one.step for one in lines]


# ---- the end of a file ----


def test_a_line_is_read_once_and_only_when_it_is_whole(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    tail = Tail(tmp_path / METRICS, Metric)
    assert tail.read() == ([], False)
    folder.add_metric(Metric(step=1, seconds=0.1))
    lines, _ = tail.read()
    assert steps(lines) == [1]
    with (tmp_path / METRICS).open("ab") as file:
        file.write(b'{"step":2,"seconds"')
    assert tail.read() == ([], False)
    with (tmp_path / METRICS).open("ab") as file:
        file.write(b":0.2}\n")
    lines, is_anew = tail.read()
    assert (steps(lines), is_anew) == ([2], False)


def test_what_was_read_is_not_read_again(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for step in range(3):
        folder.add_metric(Metric(step=step, seconds=0.0))
    tail = Tail(tmp_path / METRICS, Metric)
    tail.read()
    with (tmp_path / METRICS).open("r+b") as file:
        file.write(b"x" * 10)  # seen only by who reads from the beginning
    folder.add_metric(Metric(step=3, seconds=0.0))
    lines, is_anew = tail.read()
    assert (steps(lines), is_anew) == ([3], False)


def test_a_file_that_a_resumed_run_wrote_anew_is_read_anew(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for step in range(5):
        folder.add_metric(Metric(step=step, seconds=0.0))
    tail = Tail(tmp_path / METRICS, Metric)
    tail.read()
    folder.forget_after(2)
    lines, is_anew = tail.read()
    assert (steps(lines), is_anew) == ([0, 1, 2], True)


# ---- what a run does ----


def test_a_run_says_what_it_does(reader: RunReader) -> None:
    folder = write_run("run", Status(state="paused", step=100, max_steps=2_000))
    assert only(reader).phase == "paused"
    write_status(folder, working(120))
    assert only(reader).phase == "running"
    folder.ask("stop")
    assert only(reader).asked == "stop"
    write_status(folder, done())
    assert (only(reader).phase, only(reader).asked) == ("done", None)


def test_a_run_whose_process_is_gone_without_a_word_was_cut_off(reader: RunReader) -> None:
    gone = structs.replace(working(), pid=999_999_999)
    write_run("run", gone)
    assert only(reader).phase == "cut"


def test_a_process_that_has_not_spoken_yet_is_starting_and_has_failed_when_it_ends(
    reader: RunReader, starts: dict[str, float]
) -> None:
    folder = RunFolder.create(paths.runs_dir() / "run", RECIPE)
    assert only(reader).phase == "new"
    wait = [sys.executable, "-c", "input()", "train", str(folder.path)]
    with subprocess.Popen(wait, stdin=subprocess.PIPE) as process:
        starts[str(folder.path)] = 0.0
        assert only(reader).phase == "starting"
        process.communicate(b"\n")
    (folder.path / LOG).write_text("Traceback:\nModuleNotFoundError: No module named 'torch'\n\n")
    assert only(reader).phase == "failed"
    assert "No module named 'torch'" in str(only(reader).problem)


def test_the_newest_run_comes_first_with_the_least_loss(reader: RunReader) -> None:
    old, new = write_run("old", done()), write_run("new", Status(state="paused", step=500))
    os.utime(old.path / CONFIG, (1, 1))
    assert [one.path for one in reader.summaries()] == [str(new.path), str(old.path)]
    losses = [one.evaluation["loss"] for step in (0, 250, 500) for one in at_step(step)[-1:]]
    assert reader.summaries()[0].best_loss == pytest.approx(min(losses))


def test_a_run_whose_recipe_cannot_be_read_is_listed_by_its_folder(reader: RunReader) -> None:
    folder = write_run("20261123-my-run", done())
    (folder.path / CONFIG).write_text("what is this")
    assert only(reader).name == "20261123-my-run"
    record = reader.record(str(folder.path))
    assert record is not None
    assert record.recipe is None


# ---- all of a run ----


def test_a_record_grows_with_its_run_and_stays_the_same_object_otherwise(
    reader: RunReader,
) -> None:
    folder = write_run("run", working(500))
    reader.summaries()
    first = reader.record(str(folder.path))
    reader.summaries()
    assert reader.record(str(folder.path)) is first
    assert first is not None
    assert first.curves[HELD_OUT].steps == (0, 250, 500)
    assert first.curves["loss"].steps == tuple(range(10, 501, 10))
    folder.add_metric(Metric(step=510, seconds=1.0, loss=1.25, tokens_per_second=10.0))
    folder.add_sample(Sample(step=510, prompt="a", text="b"))
    reader.summaries()
    second = reader.record(str(folder.path))
    assert second is not None
    assert second.curves["loss"].values[-1] == 1.25
    assert second.samples[-1].step == 510
    assert first.curves["loss"].steps[-1] == 500  # what the window holds does not change under it


def test_a_long_curve_keeps_its_ends_and_its_peaks_in_few_points() -> None:
    n = 100_000
    values = [1.0] * n
    values[0], values[54_321], values[54_322], values[-1] = 5.0, 9.0, -3.0, 2.0
    curve = thinned(range(n), values)
    assert len(curve.steps) <= 4_000
    assert list(curve.steps) == sorted(set(curve.steps))
    found = dict(zip(curve.steps, curve.values, strict=True))
    assert [found[at] for at in (0, 54_321, 54_322, n - 1)] == [5.0, 9.0, -3.0, 2.0]


def test_a_run_that_is_gone_has_no_record(reader: RunReader) -> None:
    reader.summaries()
    assert reader.record(str(paths.runs_dir() / "gone")) is None


@pytest.mark.parametrize(("step", "index"), [(-5, 0), (14, 0), (16, 1), (20, 1), (99, 2)])
def test_the_point_nearest_to_a_step_is_found(step: int, index: int) -> None:
    assert Curve((10, 20, 30), (0.0, 0.0, 0.0)).index_near(step) == index
