import logging
from importlib.metadata import version

import msgspec
import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from chatapp.training.metrics.bootstrap import compare
from chatapp.training.metrics.translation import Translation, measure, tally

REFERENCES = [
    ["El gato duerme en la cocina.", "El gato está durmiendo en la cocina."],
    ["No tengo ni idea de lo que dices."],
    ["Mañana iremos a la playa con mis primos."],
    ["¿Dónde está la estación de tren?"],
]
GOOD = [
    "El gato está durmiendo en la cocina.",
    "No tengo idea de lo que dices.",
    "Mañana iremos a la playa con los primos.",
    "¿Dónde está la estación?",
]
POOR = ["El perro.", "No sé.", "Mañana vamos a una playa.", "¿Dónde el tren?"]


def test_bleu_is_that_of_pencil_and_paper() -> None:
    result = measure(["the cat is on the mat"], [["the cat sat on the mat"]])
    # One to four words: 5 of 6, 3 of 5, 1 of 4; 0 of 3, which smoothing takes for half of one.
    assert result.bleu.value == pytest.approx(100 * (5 / 6 * 3 / 5 * 1 / 4 * 0.5 / 3) ** (1 / 4))


def test_chrf_is_that_of_pencil_and_paper() -> None:
    result = measure(["abc"], [["abd"]])
    # One to three letters: 2 of 3, 1 of 2, 0 of 1; precision and recall are alike.
    assert result.chrf.value == pytest.approx(100 * (2 / 3 + 1 / 2 + 0) / 3)


def test_the_figures_are_those_of_sacrebleu_itself_with_one_reference_or_several() -> None:
    result = measure(GOOD, REFERENCES)
    streams = [[each[0] for each in REFERENCES], [REFERENCES[0][1], None, None, None]]
    assert result.bleu.value == pytest.approx(BLEU().corpus_score(GOOD, streams).score)
    assert result.chrf.value == pytest.approx(CHRF().corpus_score(GOOD, streams).score)
    assert result.n == 4


def test_the_signature_says_how_it_was_computed_and_by_which_version() -> None:
    result = measure(GOOD, [each[:1] for each in REFERENCES])
    ours = version("sacrebleu")
    assert result.bleu_signature == (f"nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:{ours}")
    assert result.chrf_signature == f"nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:{ours}"
    assert "nrefs:var" in measure(GOOD, REFERENCES).bleu_signature


def test_the_very_reference_scores_100_and_empty_lines_score_0() -> None:
    right = measure([each[0] for each in REFERENCES], REFERENCES)
    assert right.bleu.value == pytest.approx(100)
    assert right.chrf.value == pytest.approx(100)
    empty = measure([""] * 4, REFERENCES)
    assert (empty.bleu.value, empty.chrf.value) == (0, 0)


def test_the_interval_holds_the_figure() -> None:
    result = measure(GOOD * 10, REFERENCES * 10)
    for figure in (result.bleu, result.chrf):
        assert figure.low is not None
        assert figure.high is not None
        assert 0 < figure.low < figure.value < figure.high < 100


def test_the_better_of_two_translators_is_found() -> None:
    found = compare(tally(POOR * 5, REFERENCES * 5), tally(GOOD * 5, REFERENCES * 5))
    for name in ("bleu", "chrf"):
        low = found[name].low
        assert low is not None
        assert low > 10, name
        assert found[name].share_higher == 1


def test_a_translation_without_reference_is_refused() -> None:
    for references in (REFERENCES[:3], [*REFERENCES[:3], []]):
        with pytest.raises(ValueError, match="at least one reference"):
            measure(GOOD, references)
    with pytest.raises(ValueError, match="must be translations"):
        measure([], [])


def test_a_model_that_spaces_its_full_stops_gives_no_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "sacrebleu")
    measure(["Un gato ."] * 120, [["Un gato ."]] * 120)
    assert caplog.records == []


def test_the_result_goes_to_json_and_comes_back() -> None:
    result = measure(GOOD, REFERENCES)
    assert msgspec.json.decode(msgspec.json.encode(result), type=Translation) == result
