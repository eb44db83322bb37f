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
        card: What it says, how it is measured, and how long that takes.
    """

    name: ClaimName
    card: Card


def claim_cards() -> list[ClaimCard]:
    """All of them, from the quickest to the one that wants most."""
    translate = QCoreApplication.translate
    words: Mapping[ClaimName, tuple[str, str, str]] = {
        "gradients": (
            translate("lab", "What is far behind is hard to learn"),
            translate(
                "lab",
                "How much an RNN, an LSTM, a GRU and attention feel, when they learn, of a word up"
                " to 200 words before.",
            ),
            translate("lab", "Takes seconds"),
        ),
        "speed": (
            translate("lab", "Attention reads all words at once"),
            translate(
                "lab",
                "How fast the same networks learn from longer and longer texts: a recurrent one"
                " takes word after word.",
            ),
            translate("lab", "Takes a minute or two"),
        ),
        "recall": (
            translate("lab", "A fact told long ago"),
            translate(
                "lab",
                "Each network is told a fact, reads up to 500 words about other things, and is"
                " asked for it.",
            ),
            translate("lab", "Takes minutes"),
        ),
        "perplexity": (
            translate("lab", "Which network writes your text best"),
            translate(
                "lab",
                "RNN, LSTM, GRU and GPT, with as many weights each, learn your text for as many"
                " minutes.",
            ),
            translate("lab", "A text of yours; the minutes you give to each of the four"),
        ),
        "transfer": (
            translate("lab", "What having read much buys"),
            translate(
                "lab",
                "BERT and GPT learn to sort your texts: from nothing, and with what they learned"
                " before, frozen or learned on.",
            ),
            translate(
                "lab", "A table of texts and labels, and models that were trained; some minutes"
            ),
        ),
    }
    return [ClaimCard(name, Card(*three, files=())) for name, three in words.items()]


def curve_name(name: str) -> str:
    """What a curve, or a row of the table, is called; the names of networks are names."""
    translate = QCoreApplication.translate
    names = {
        "attention": translate("lab", "attention"),
        "BERT from scratch": translate("lab", "BERT from scratch"),
        "BERT trained before, frozen": translate("lab", "BERT trained before, frozen"),
        "BERT trained before, fine-tuned": translate("lab", "BERT trained before, fine-tuned"),
        "GPT from scratch": translate("lab", "GPT from scratch"),
        "GPT trained before, frozen": translate("lab", "GPT trained before, frozen"),
        "GPT trained before, fine-tuned": translate("lab", "GPT trained before, fine-tuned"),
    }
    return names.get(name, name)
