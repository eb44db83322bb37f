"""What was found in the data of a new run, in words."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QObject

from chatapp.gui.lab.wording import number
from chatapp.gui.sentences import translated
from chatapp.runs.preview import Preview, Problem
from chatapp.runs.source import Kind

_N_LABELS = 8  # that are counted one by one
_N_PROBLEMS = 5  # that are shown


def preview_words(found: Preview) -> str:
    """What there is to learn from, in figures."""
    if found.source.kind == "text":
        parts = [_FoundCounts().texts(found.n_examples).format(number(found.n_characters))]
    else:
        parts = [_FoundCounts().examples(found.n_examples)]
    if found.n_duplicates:
        parts.append(_FoundCounts().duplicates(found.n_duplicates))
    if found.labels:
        parts.append(_label_words(found.labels))
    if found.lengths and found.source.kind != "text":
        parts.append(_length_words(found.lengths))
    return " ".join(parts)


def _label_words(labels: dict[str, int]) -> str:
    translate = QCoreApplication.translate
    counts = [f"{label} {number(n)}" for label, n in list(labels.items())[:_N_LABELS]]
    rest = len(labels) - _N_LABELS
    if rest > 0:
        counts.append(_FoundCounts().more(rest))
    return translate("lab", "Labels: {}.").format(", ".join(counts))


def _length_words(lengths: dict[int, int]) -> str:
    """Half of them are at most so long; the lengths are powers of two."""
    translate = QCoreApplication.translate
    middle, seen = sum(lengths.values()) / 2, 0
    longest = max(lengths)
    half = longest
    for length in sorted(lengths):
        seen += lengths[length]
        if seen >= middle:
            half = length
            break
    if half == longest:
        return translate("lab", "None is longer than {} characters.").format(number(longest))
    words = translate("lab", "Half have up to {half} characters, the longest up to {longest}.")
    return words.format(half=number(half), longest=number(longest))


def problem_words(problems: Sequence[Problem]) -> str:
    """What is to be put right, the first of it a line each."""
    lines = [translated(one.what) for one in problems[:_N_PROBLEMS]]
    rest = len(problems) - _N_PROBLEMS
    if rest > 0:
        lines.append(_FoundCounts().more_problems(rest))
    return "\n".join(lines)


def kind_words(kind: Kind) -> str:
    """What files of a kind hold."""
    translate = QCoreApplication.translate
    words: dict[Kind, str] = {
        "text": translate("lab", "These are plain texts."),
        "table": translate("lab", "This is a table."),
        "parallel": translate("lab", "These are two files of sentences, line by line."),
        "squad": translate("lab", "These are questions in JSON."),
        "chats": translate("lab", "These are conversations."),
    }
    return words[kind]


class _FoundCounts(QObject):
    """Words with numbers in them; Qt's tool takes plurals from a class alone."""

    def texts(self, n: int) -> str:
        return self.tr("%Ln text(s), {} characters in all.", "", n)

    def examples(self, n: int) -> str:
        return self.tr("%Ln example(s).", "", n)

    def duplicates(self, n: int) -> str:
        return self.tr("%Ln repeat(s) others and count(s) once with them.", "", n)

    def more(self, n: int) -> str:
        return self.tr("%Ln more", "", n)

    def more_problems(self, n: int) -> str:
        return self.tr("… and %Ln more", "", n)
