"""How runs, their figures and their recipes are put into words a newcomer understands."""

import time
from collections.abc import Container
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QObject

from chatapp.gui.lab.run_reader import Phase, Summary
from chatapp.gui.models.wording import ARCHITECTURES
from chatapp.gui.sentences import translated
from chatapp.runs.recipe import Data, Model, ObjectiveName, Recipe, Vocabulary

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_SMALL = 1e-3  # below, a figure is written with its powers of ten


def number(value: float) -> str:
    """A whole number: "2,000"."""
    return QLocale().toString(int(value))


def figure(value: float) -> str:
    """A measured number with about four digits: "1.845", "31,400", "0.0006", "5e-05"."""
    size = abs(value)
    if size >= 100 or value == int(value):
        return number(round(value))
    if size < _SMALL:
        return QLocale().toString(value, "g", 3)
    return QLocale().toString(value, "f", 3 if size < 10 else 1)


def evaluation(name: str, value: float) -> str:
    """A figure of what is held out: shares as percent."""
    if name in _SHARES:
        return percent(value)
    return figure(value)


def percent(share: float) -> str:
    """A share of one: "97.2 %"."""
    return QLocale().toString(100 * share, "f", 1) + " %"


def evaluation_name(name: str, among: Container[str]) -> str:
    """What a figure is called that is `among` those measured together."""
    translate = QCoreApplication.translate
    names = {
        "loss": translate("lab", "Loss"),
        "perplexity": translate("lab", "Perplexity"),
        "bits_per_character": translate("lab", "Bits per character"),
        "accuracy": translate("lab", "Right answers"),
        "f1": translate("lab", "F1, mean of the labels"),
        _ANSWER_F1: translate("lab", "F1, mean of the questions"),
        "bleu": "BLEU",
        "chrf": "chrF",
        "exact_match": translate("lab", "Answers that match exactly"),
        "next_loss": translate("lab", "Loss of next sentences"),
    }
    return names.get(_own_name(name, among), name)


def evaluation_help(name: str, among: Container[str]) -> str:
    """What a figure means; "" where there is nothing to say."""
    translate = QCoreApplication.translate
    texts = {
        "loss": translate("lab", "How surprised the model is by what it never learned from."),
        "perplexity": translate(
            "lab", "Among how many tokens it wavers, as if each were as likely as the others."
        ),
        "bits_per_character": translate(
            "lab", "What a character would take, packed with this model: the less the better."
        ),
        "f1": translate("lab", "High where precision and recall are: their harmonic mean."),
        _ANSWER_F1: translate(
            "lab", "How far an answer has the same words as the right one that is nearest to it."
        ),
        "bleu": translate("lab", "Words in common with a human translation, out of 100."),
        "chrf": translate("lab", "Letters in common with a human translation, out of 100."),
    }
    return texts.get(_own_name(name, among), "")


_SHARES = ("accuracy", "f1", "exact_match")
_ANSWER_F1 = "answer_f1"


def _own_name(name: str, among: Container[str]) -> str:
    """F1 is one thing of labels, another of answers: those are measured by exact matches too."""
    return _ANSWER_F1 if name == "f1" and "exact_match" in among else name


def time_span(seconds: float) -> str:
    """A stretch of time: "26 s", "4 min", "2 h 5 min"."""
    translate = QCoreApplication.translate
    if seconds < _MINUTE:
        return translate("lab", "{} s").format(number(round(seconds)))
    if seconds < _HOUR:
        return translate("lab", "{} min").format(number(round(seconds / _MINUTE)))
    hours, minutes = divmod(round(seconds / _MINUTE), 60)
    return translate("lab", "{hours} h {minutes} min").format(hours=number(hours), minutes=minutes)


def phase(run: Summary) -> tuple[str, str]:
    """What a run does, in a word, and the tone of the word."""
    translate = QCoreApplication.translate
    if run.asked is not None:
        asked = {"pause": translate("lab", "pausing"), "stop": translate("lab", "stopping")}
        return asked[run.asked], "warn"
    words: dict[Phase, tuple[str, str]] = {
        "new": (translate("lab", "not begun"), "quiet"),
        "starting": (translate("lab", "starting"), "quiet"),
        "preparing": (translate("lab", "preparing"), "quiet"),
        "running": (translate("lab", "learning"), "ok"),
        "paused": (translate("lab", "paused"), "warn"),
        "cut": (translate("lab", "cut off"), "warn"),
        "stopped": (translate("lab", "stopped"), "quiet"),
        "done": (translate("lab", "done"), "ok"),
        "failed": (translate("lab", "failed"), "bad"),
    }
    return words[run.phase]


def progress(run: Summary, tokens_per_second: float | None) -> str:
    """How far a run has come: steps, speed and the time it takes or took."""
    translate = QCoreApplication.translate
    status = run.status
    if run.phase in ("starting", "preparing"):
        return translate("lab", "The data and the model are being read.")
    if run.phase == "new":
        return ""
    steps = translate("lab", "{step} of {all} steps").format(
        step=number(status.step), all=number(status.max_steps)
    )
    if run.phase == "running":
        parts = [steps]
        if tokens_per_second is not None:
            parts.append(translate("lab", "{} tokens/s").format(figure(tokens_per_second)))
        if status.step:
            parts.append(translate("lab", "{} left").format(time_span(status.seconds_left)))
        return " · ".join(parts)
    return f"{steps} · {time_span(status.seconds)}"


def row(run: Summary) -> str:
    """What stands under the name of a run in the list, after the word of its phase."""
    parts = []
    if run.phase == "running" and run.status.max_steps:
        share = 100 * run.status.step // run.status.max_steps
        parts.append(f"{number(share)} %")
    else:
        parts.append(age(run))
    if run.best_loss is not None:
        words = QCoreApplication.translate("lab", "loss {}")
        parts.append(words.format(figure(run.best_loss)))
    return " · ".join(parts)


def age(run: Summary) -> str:
    """How long ago a run was made: "just now", "5 min ago", "3 h ago"; then the day."""
    translate = QCoreApplication.translate
    seconds = max(0.0, time.time() - run.began_at)
    if seconds < _MINUTE:
        return translate("lab", "just now")
    if seconds < _HOUR:
        return translate("lab", "{} min ago").format(number(seconds // _MINUTE))
    if seconds < _DAY:
        return translate("lab", "{} h ago").format(number(seconds // _HOUR))
    day = QDateTime.fromSecsSinceEpoch(int(run.began_at)).date()
    return QLocale().toString(day, "d MMM yyyy")


def spoken(run: Summary) -> str:
    """All that the list says of a run, for a screen reader."""
    return f"{run.name}, {phase(run)[0]}, {row(run)}"


def explanation(run: Summary) -> str:
    """What a state means where its word does not say it all, and what to do; else ""."""
    translate = QCoreApplication.translate
    if run.problem is not None:
        return translated(run.problem)
    texts: dict[Phase, str] = {
        "new": translate("lab", "It was made, and never begun."),
        "cut": translate(
            "lab",
            "Its process has ended without a word: it was killed, or the power failed. What came"
            " before its last checkpoint is kept; resume it, and it goes on from there.",
        ),
    }
    return texts.get(run.phase, "")


def samples_title(kind: ObjectiveName) -> str:
    """What the samples of a run are."""
    translate = QCoreApplication.translate
    titles: dict[ObjectiveName, str] = {
        "next_token": translate("lab", "What it writes"),
        "chat": translate("lab", "What it replies"),
        "sequence_to_sequence": translate("lab", "How it translates"),
        "masked_lm": translate("lab", "How it fills gaps"),
        "classification": translate("lab", "How it sorts"),
        "answers": translate("lab", "How it answers"),
    }
    return titles[kind]


def task(kind: ObjectiveName) -> str:
    """What is learned."""
    translate = QCoreApplication.translate
    tasks: dict[ObjectiveName, str] = {
        "next_token": translate("lab", "to go on with a text, token by token"),
        "chat": translate("lab", "to reply in conversations; only the replies count"),
        "sequence_to_sequence": translate("lab", "to turn one text into another"),
        "masked_lm": translate("lab", "to fill gaps in a text"),
        "classification": translate("lab", "to sort texts by label"),
        "answers": translate("lab", "to find the answer to a question in a text"),
    }
    return tasks[kind]


class _Counts(QObject):
    """How many of something: Qt's tools find plurals in `tr` only."""

    def steps(self, n: int) -> str:
        return self.tr("%Ln step(s)", "", n)

    def examples(self, n: int) -> str:
        return self.tr("%Ln example(s) each", "", n)

    def layers(self, n: int) -> str:
        return self.tr("%Ln layer(s)", "", n)

    def heads(self, n: int) -> str:
        return self.tr("%Ln head(s)", "", n)

    def tokens(self, n: int) -> str:
        return self.tr("%Ln token(s)", "", n)


class Row(NamedTuple):
    """What a recipe says of one thing; details are for those who ask."""

    name: str
    words: str
    details: str = ""


def recipe(values: Recipe) -> list[Row]:
    """A recipe, thing by thing."""
    translate = QCoreApplication.translate
    training, counts = values.training, _Counts()
    steps = counts.steps(training.max_steps)
    batch = counts.examples(training.batch_size)
    rate = translate("lab", "rate {}").format(figure(training.learning_rate))
    seed = translate("lab", "seed {}").format(training.seed)
    rows = [
        Row(translate("lab", "Learns"), task(values.objective.kind)),
        Row(translate("lab", "Model"), _model(values.model), values.model.start),
        Row(translate("lab", "Data"), _data(values.data), _files(values.data)),
        Row(translate("lab", "Licence"), values.data.licence or translate("lab", "not said")),
    ]
    if not values.model.start:
        rows.append(Row(translate("lab", "Tokens"), _tokens(values.tokenizer)))
    return [*rows, Row(translate("lab", "Training"), f"{steps}, {batch}, {rate}, {seed}")]


def _model(model: Model) -> str:
    translate = QCoreApplication.translate
    if model.start:
        name = translate("lab", "goes on from {}").format(Path(model.start).name)
        if model.adapter is not None:
            adapter = translate("lab", "with an adapter (LoRA) of rank {}")
            return f"{name}, {adapter.format(model.adapter.rank)}"
        frozen = translate("lab", "only its new head learns")
        return f"{name}, {frozen}" if model.freeze else name
    encoder_decoder = translate("lab", "encoder and decoder")
    parts = [ARCHITECTURES.get(model.architecture, encoder_decoder)]
    layers, heads, width = (model.sizes.get(key) for key in ("n_layer", "n_head", "n_embd"))
    if isinstance(layers, int):
        parts.append(_Counts().layers(layers))
    if isinstance(heads, int):
        parts.append(_Counts().heads(heads))
    if isinstance(width, int):
        parts.append(translate("lab", "{} wide").format(number(width)))
    return ", ".join(parts)


def _data(data: Data) -> str:
    translate = QCoreApplication.translate
    files = ", ".join(Path(path).name for path in data.train.paths)
    if data.validation is not None:
        held_out = ", ".join(Path(path).name for path in data.validation.paths)
        return f"{files} · " + translate("lab", "held out: {}").format(held_out)
    share = QLocale().toString(100 * data.held_out, "g", 3)
    return f"{files} · " + translate("lab", "{} % held out").format(share)


def _files(data: Data) -> str:
    """Where the data lies."""
    held_out = data.validation.paths if data.validation is not None else ()
    return "\n".join((*data.train.paths, *held_out))


def _tokens(vocabulary: Vocabulary) -> str:
    translate = QCoreApplication.translate
    if vocabulary.model:
        return translate("lab", "those of {}").format(Path(vocabulary.model).name)
    if vocabulary.kind == "characters":
        return translate("lab", "one for each character")
    kind = {"bpe": "BPE", "wordpiece": "WordPiece"}[vocabulary.kind]
    return f"{kind}, {_Counts().tokens(vocabulary.n_vocab)}"
