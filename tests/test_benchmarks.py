"""The runner of the benchmarks; what it measures is not measured here."""

import importlib
import json
import math

import pytest

from benchmarks import harness
from benchmarks.harness import Pair, Result


def _result(name: str, *, ok: bool) -> Result:
    return Result(name=name, claim="a claim", measured="1 s", target="<= 2 s", ok=ok)


@pytest.mark.parametrize(("ok", "code"), [(True, 0), (False, 1)])
def test_the_exit_code_says_whether_every_claim_holds(
    ok: bool, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", "--json"])
    monkeypatch.setattr("benchmarks.window.measure", lambda: [_result("window", ok=ok)])
    assert harness.main(["window"]) == code
    answer = json.loads(capsys.readouterr().out)
    assert [row["ok"] for row in answer["results"]] == [ok]
    assert answer["machine"]


def test_a_script_that_breaks_is_a_claim_that_falls_short(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure() -> list[Result]:
        raise RuntimeError("no such model")

    monkeypatch.setattr("sys.argv", ["benchmarks"])
    monkeypatch.setattr("benchmarks.window.measure", measure)
    assert harness.main(["window"]) == 1
    assert "failed: no such model" in capsys.readouterr().out


def test_what_takes_long_waits_for_long_or_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(harness, "script_names", lambda: ["window"])
    monkeypatch.setattr("benchmarks.window.LONG", True)
    monkeypatch.setattr("benchmarks.window.measure", lambda: [_result("window", ok=False)])
    codes = {}
    for arguments in ("", "--long", "--only window"):
        monkeypatch.setattr("sys.argv", ["benchmarks", *arguments.split()])
        codes[arguments] = harness.main()
    capsys.readouterr()
    assert codes == {"": 0, "--long": 1, "--only window": 1}


def test_every_script_measures_and_says_whether_it_takes_long() -> None:
    names = harness.script_names()
    assert "window" in names
    for name in names:
        script = importlib.import_module(f"benchmarks.{name}")
        assert isinstance(script.LONG, bool), name
        assert callable(script.measure), name


def test_pairs_take_turns_at_going_first() -> None:
    order = ""

    def ours() -> float:
        nonlocal order
        order += "o"
        return 3.0

    def reference() -> float:
        nonlocal order
        order += "r"
        return 2.0

    assert harness.alternate(ours, reference, 3) == Pair(3.0, 2.0, 1.5)
    assert order == "orroor"


@pytest.mark.parametrize(
    ("ratio", "ok"), [(0.96, True), (0.9599, False), (1.2, True), (math.nan, False)]
)
def test_a_ratio_is_held_to_its_bound(ratio: float, ok: bool) -> None:
    result = harness.compare("decode", "speed", Pair(ratio, 1.0, ratio), "tokens/s", at_least=0.96)
    assert result.ok is ok
    assert result.target == ">= 0.96 x"


def test_a_figure_without_reference_is_held_to_its_limit() -> None:
    assert harness.limit("cancel", "stops", 99, "ms", at_most=100).ok
    assert not harness.limit("cancel", "stops", 101, "ms", at_most=100).ok
