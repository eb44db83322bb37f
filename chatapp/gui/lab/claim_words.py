"""What textbooks say of networks, a card each, in words a newcomer understands."""

from collections.abc import Mapping
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from chatapp.gui.lab.new_run_recipes import Card
from chatapp.runs.comparison import ClaimName


class ClaimCard(NamedTuple):
    """A claim to choose.

    Attributes:
        name: Which.
        card: What is said, and what it takes to measure it.
        wants: What data it is measured on; "" where it needs none.
    """

    name: ClaimName
    card: Card
    wants: str = ""


def claim_cards() -> list[ClaimCard]:
    """All of them, from the quickest to the one that wants most."""
    translate = QCoreApplication.translate
    words: Mapping[ClaimName, tuple[str, str, str]] = {
        "gradients": (
            translate("lab", "What is far behind is hard to learn"),
            translate(
                "lab",
                "An RNN hardly learns from a word 50 words back, an LSTM from further back,"
                " attention from anywhere.",
            ),
            translate("lab", "Takes seconds"),
        ),
        "speed": (
            translate("lab", "Attention reads all words at once"),
            translate(
                "lab",
                "A recurrent network takes word after word, so it learns more slowly from long"
                " texts; attention takes them all at once.",
            ),
            translate("lab", "Takes a minute or two"),
        ),
        "recall": (
            translate("lab", "A fact told long ago"),
            translate(
                "lab",
                "Told a fact and asked for it 500 words later, attention still knows it; an RNN"
                " has forgotten.",
            ),
            translate("lab", "Takes minutes"),
        ),
        "perplexity": (
            translate("lab", "Which network writes your text best"),
            translate(
                "lab",
                "With as many weights and as many minutes, a GPT predicts a text better than a"
                " GRU, an LSTM or an RNN.",
            ),
            translate("lab", "Takes a text of yours, and minutes for each of the four"),
        ),
        "transfer": (
            translate("lab", "What having read much buys"),
            translate(
                "lab",
                "A BERT or GPT that was trained before learns to sort texts from a few examples;"
                " one from nothing does not.",
            ),
            translate("lab", "Takes a table of texts and labels, trained models, and some minutes"),
        ),
    }
    wants: Mapping[ClaimName, str] = {
        "perplexity": translate("lab", "Text files, or a folder of them: a megabyte is plenty"),
        "transfer": translate(
            "lab", "A table (.tsv, .csv, .jsonl) with a column of texts and one of labels"
        ),
    }
    return [
        ClaimCard(name, Card(*three, files=()), wants.get(name, ""))
        for name, three in words.items()
    ]


def curve_name(name: str) -> str:
    """What a curve, or a row of the table, is called; the names of networks are names."""
    return QCoreApplication.translate("", name)  # as `translated` does with a whole sentence
