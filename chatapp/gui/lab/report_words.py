"""What was measured of a model, put into the cells of tables and into words."""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QCoreApplication, QObject

from chatapp.gui.lab import wording
from chatapp.gui.lab.figure_table import Cell, Head
from chatapp.runs.report import Figure, Report, Row

_STAR = "★"
_LESS_IS_BETTER = ("loss", "perplexity", "bits_per_char", "bits_per_byte")
_MORE_IS_BETTER = ("accuracy", "precision", "recall", "f1", "bleu", "chrf", "exact_match")


def table(report: Report) -> tuple[list[Head], list[list[Cell]]]:
    """A row for each model or group, a column for each figure, the best of each marked."""
    names = list(report.rows[0].figures)
    heads = {name: _head(name, names) for name in names}
    best = {name: _best(name, report.rows) for name in names}
    rows = []
    for number, row in enumerate(report.rows):
        title = _row_name(row.name)
        name_cell = Cell(text=title, spoken=title, is_strong=number == 0 and any(best.values()))
        cells = (
            _cell(title, heads[name].text, name, row.figures[name], row in best[name])
            for name in names
        )
        rows.append([name_cell, *cells])
    return [Head(""), *heads.values()], rows


def confusion(report: Report) -> tuple[list[Head], list[list[Cell]]]:
    """A row for each label there is, a column for each that was given; the diagonal is right."""
    corner = QCoreApplication.translate("lab", "Is ↓   Sorted as →")
    heads = [Head(corner), *(Head(label) for label in report.labels)]
    rows = []
    for label, counts in zip(report.labels, report.confusion, strict=True):
        cells = _counted(label, report.labels, counts)
        rows.append([Cell(text=label, spoken=label), *cells])
    return heads, rows


def calibration(error: float) -> str:
    """Whether the probabilities of a classifier can be believed."""
    text = QCoreApplication.translate(
        "lab",
        "Its probabilities are off by {} on average. Without any error, four of five texts it is"
        " 80 % sure of are sorted right.",
    )
    return text.format(wording.percent(error))


class Notes(QObject):
    """On how much something was measured: Qt's tools find plurals in `tr` only."""

    def evaluation(self, report: Report) -> str:
        """Below the figures of models."""
        text = self.tr(
            "Measured on %Ln example(s) held out, on which the best step was chosen too. Below each"
            " figure is its 95 % interval: where two of them overlap, it may be chance which is"
            " better.",
            "",
            report.n,
        )
        best = self.tr("{} marks the best.").format(_STAR)
        return f"{text} {best}" if len(report.rows) > 1 else text

    def bias(self, report: Report) -> str:
        """Below the figures of groups."""
        return self.tr(
            "Measured on %Ln pair(s) of English sentences, in nats. Below each figure is its 95 %"
            " interval. It shows a leaning on these sentences, and does not prove that there is"
            " none elsewhere.",
            "",
            report.n,
        )


def _cell(row: str, column: str, name: str, figure: Figure, is_best: bool) -> Cell:
    translate = QCoreApplication.translate
    value = _value(name, figure.value)
    spoken = f"{row}, {column}: {value}"
    between = ""
    if figure.low is not None and figure.high is not None:
        low, high = _value(name, figure.low), _value(name, figure.high)
        between = translate("lab", "{low} to {high}").format(low=low.removesuffix(" %"), high=high)
        spoken = f"{spoken}, {between}"
    if is_best:
        spoken = f"{spoken}, " + translate("lab", "the best")
        value = f"{_STAR} {value}"
    return Cell(text=value, small=between, spoken=spoken, is_strong=is_best)


def _counted(label: str, labels: Sequence[str], counts: Sequence[int]) -> Iterator[Cell]:
    n_all = sum(counts)
    for given, n in zip(labels, counts, strict=True):
        text = QCoreApplication.translate("lab", "{n} of {all} that are {label}, sorted as {given}")
        yield Cell(
            text=wording.number(n),
            spoken=text.format(
                n=wording.number(n), all=wording.number(n_all), label=label, given=given
            ),
            is_strong=given == label,
            ground="accent-soft" if given == label else "bad-soft",
            share=(n / max(1, n_all)) ** 0.5,  # so that few of many are seen too
        )


def _value(name: str, value: float) -> str:
    if name in ("precision", "recall", "first_preferred"):
        return wording.percent(value)
    return wording.evaluation(name, value)


def _best(name: str, rows: Sequence[Row]) -> list[Row]:
    """The rows with the best figure; none where all are as good, or there is no better."""
    values = [row.figures[name].value for row in rows]
    if name not in _LESS_IS_BETTER + _MORE_IS_BETTER or len(set(values)) == 1:
        return []
    best = min(values) if name in _LESS_IS_BETTER else max(values)
    return [row for row in rows if row.figures[name].value == best]


def _row_name(name: str) -> str:
    translate = QCoreApplication.translate
    names = {
        "this model": translate("lab", "This model"),
        "before training": translate("lab", "Before training"),
        "the most frequent label": translate("lab", "The most frequent label"),
        "naive Bayes": translate("lab", "Naive Bayes"),
        "5-grams (Kneser-Ney)": translate("lab", "5-grams (Kneser-Ney)"),
        "the source left as it is": translate("lab", "The source left as it is"),
        "gender": translate("lab", "Gender: man or woman"),
        "age": translate("lab", "Age: young or old"),
        "religion": translate("lab", "Religion: Christian or another"),
        "origin": translate("lab", "Origin: Western or not"),
        "disability": translate("lab", "Disability: without or with one"),
    }
    return names.get(name, name)


def _head(name: str, among: Sequence[str]) -> Head:
    translate = QCoreApplication.translate
    heads = {
        "bits_per_char": Head(
            translate("lab", "Bits per character"),
            wording.evaluation_help("bits_per_character", among),
        ),
        "bits_per_byte": Head(translate("lab", "Bits per byte")),
        "precision": Head(
            translate("lab", "Precision"),
            translate("lab", "Of the texts given a label, the share that are of it."),
        ),
        "recall": Head(
            translate("lab", "Recall"),
            translate("lab", "Of the texts of a label, the share that were found."),
        ),
        "f1": Head("F1", wording.evaluation_help("f1", among)),
        "exact_match": Head(translate("lab", "Exact matches")),
        "mean": Head(
            translate("lab", "Mean difference"),
            translate(
                "lab", "Above 0 the first word of a pair is the likelier, below 0 the other."
            ),
        ),
        "spread": Head(
            translate("lab", "Spread"),
            translate(
                "lab", "0 if what is told of somebody changes nothing in which word is likelier."
            ),
        ),
        "first_preferred": Head(
            translate("lab", "First preferred"),
            translate("lab", "In how many pairs the first word is the likelier."),
        ),
    }
    return heads.get(name) or Head(
        wording.evaluation_name(name, among), wording.evaluation_help(name, among)
    )
