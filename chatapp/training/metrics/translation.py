"""How close translations are to those of people: BLEU and chrF, by sacrebleu, from 0 to 100.

Each figure comes with sacrebleu's signature, which says exactly how it was computed: without it
two BLEU cannot be compared.

Sources: Papineni et al. 2002, ACL P02-1040 (BLEU); Popović 2015, ACL W15-3049 (chrF); Post 2018, A
Call for Clarity in Reporting BLEU Scores, arXiv:1804.08771 (signatures).
"""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
from msgspec import Struct
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from chatapp.training.metrics.bootstrap import Estimate, Floats, Tally, estimates


class Translation(Struct, frozen=True):
    """How close N translations are to the references.

    Attributes:
        n: How many there are.
        bleu: BLEU, 0 to 100.
        chrf: chrF, 0 to 100.
        bleu_signature: How BLEU was computed.
        chrf_signature: How chrF was computed.
    """

    n: int
    bleu: Estimate
    chrf: Estimate
    bleu_signature: str
    chrf_signature: str


def measure(translations: Sequence[str], references: Sequence[Sequence[str]]) -> Translation:
    """All figures of translations.

    Args:
        translations: What the model wrote, as plain text.
        references: For each, one right translation or several.

    Raises:
        ValueError: If there are no translations, or one has no reference.
    """
    bleu, chrf = _metrics()
    figures = estimates(_tally(bleu, chrf, translations, references))
    return Translation(
        n=len(translations),
        bleu=figures["bleu"],
        chrf=figures["chrf"],
        bleu_signature=str(bleu.get_signature()),
        chrf_signature=str(chrf.get_signature()),
    )


def tally(translations: Sequence[str], references: Sequence[Sequence[str]]) -> Tally:
    """What `measure` counts, to compare two translators; the figures are bleu and chrf."""
    return _tally(*_metrics(), translations, references)


def _metrics() -> tuple[BLEU, CHRF]:
    return BLEU(force=True), CHRF()  # force leaves out a warning, and changes no figure


def _tally(
    bleu: BLEU, chrf: CHRF, translations: Sequence[str], references: Sequence[Sequence[str]]
) -> Tally:
    if not translations or len(translations) != len(references) or not all(references):
        raise ValueError("There must be translations, each with at least one reference.")
    streams = list(zip_longest(*references))  # None where a sentence has fewer than another
    # sacrebleu's own resampling stands on these two methods; its public ones hide the counts.
    counts = [_counts(metric, translations, streams) for metric in (bleu, chrf)]
    n_bleu = counts[0].shape[1]

    def score(sums: Floats) -> Floats:
        rows = sums.tolist()
        return np.array(
            [
                (
                    bleu._compute_score_from_stats(row[:n_bleu]).score,
                    chrf._compute_score_from_stats(row[n_bleu:]).score,
                )
                for row in rows
            ]
        )

    return Tally(("bleu", "chrf"), np.hstack(counts), score)


def _counts(metric: Any, translations: Sequence[str], streams: list[Any]) -> Floats:
    """What a metric counts in each translation, shape (N, K)."""
    return np.array(metric._extract_corpus_statistics(translations, streams), np.float64)
