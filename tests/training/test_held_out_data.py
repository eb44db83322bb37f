from pathlib import Path

from chatapp.runs.recipe import recipe_of
from chatapp.training.preparing import examples_of


def written(path: Path, numbers: range) -> dict[str, object]:
    path.write_text("".join(f"{'ab'[n % 2]}\ttext {n}\n" for n in numbers))
    columns = {"label": 1, "text": 2}
    return {"kind": "table", "paths": [str(path)], "columns": columns, "has_header": False}


def test_what_is_held_out_in_a_file_of_its_own_is_not_learned_from(tmp_path: Path) -> None:
    data = {
        "train": written(tmp_path / "train.tsv", range(100)),
        "validation": written(tmp_path / "validation.tsv", range(80, 130)),
    }
    train, validation = examples_of(recipe_of(tmp_path / "r.toml", {"data": data}))
    assert [one.text for one in train] == [f"text {n}" for n in range(80)]  # type: ignore[union-attr]
    assert len(validation) == 50


def test_a_share_is_held_out_where_there_is_no_such_file(tmp_path: Path) -> None:
    data = {"train": written(tmp_path / "train.tsv", range(100)), "held_out": 0.2}
    train, validation = examples_of(recipe_of(tmp_path / "r.toml", {"data": data}))
    assert len(train) + len(validation) == 100
    assert 10 < len(validation) < 30
