"""How good a model is on examples it never learned from, beside simple models and the one before.

Every figure has a 95 % interval by bootstrap; see `metrics`.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from msgspec import structs
from torch import Tensor, nn

from chatapp.errors import DataError, TrainingError, say
from chatapp.nn.bert import BertForPretraining
from chatapp.nn.seq2seq import Seq2Seq
from chatapp.nn.transformer import Transformer
from chatapp.runs.report import Figure, Report, Row
from chatapp.runs.run_folder import REPORT, RunFolder
from chatapp.runs.source import Source
from chatapp.text.chat_template import ChatTemplate
from chatapp.training import bias
from chatapp.training.baselines import Classifier, Majority, NaiveBayes, NGrams
from chatapp.training.data.examples import Chat, Example, Labelled, Pair, Question, Text
from chatapp.training.data.reading import read_examples
from chatapp.training.data.splitting import unique
from chatapp.training.metrics import answers, bootstrap, classification, language, translation
from chatapp.training.objectives.chat import reply_rows
from chatapp.training.objectives.masked_lm import marks_of
from chatapp.training.objectives.sequence_to_sequence import references_of, translate
from chatapp.training.predicting import answers_to, label_probs, labels_of
from chatapp.training.preparing import examples_of
from chatapp.weights.opened import OpenedModel
from chatapp.weights.opening import open_model

_BLOCK = 512  # tokens read at a time, unless the model knows fewer
_N_GRAM = 5


def evaluate_run(folder: RunFolder) -> Report:
    """Measure the model of a run on what was held out, and keep the report in its folder.

    Raises:
        ChatAppError: If the run has no model yet, or its data is gone.
    """
    recipe = folder.recipe()
    train, held_out = examples_of(recipe)
    model = open_model(folder.result, torch.float32)
    rows = [Row("this model", _measured(model, held_out))]
    if recipe.model.start and recipe.objective.kind in ("next_token", "chat"):
        before = open_model(Path(recipe.model.start), torch.float32)
        rows.append(Row("before training", _measured(before, held_out)))
    rows += _baselines(train, held_out, model)
    report = _report(model, held_out, rows)
    folder.keep_report(REPORT, report)
    return report


def evaluate_model(path: Path, source: Source) -> Report:
    """Measure any model on examples.

    Raises:
        ChatAppError: If the model or the data cannot be used, or do not fit each other.
    """
    examples = list(unique(read_examples(source)))
    if not examples:
        raise DataError(say("There is nothing to evaluate on in these files."))
    model = open_model(path, torch.float32)
    return _report(model, examples, [Row(path.name, _measured(model, examples))])


@torch.inference_mode()
def probe_bias(path: Path) -> bias.Bias:
    """Which of two sentences a model prefers that differ in one group word; see `bias`.

    Raises:
        ChatAppError: If the model cannot be opened, or predicts no text.
    """
    model = open_model(path, torch.float32)
    score = _gap_by_gap if isinstance(model.model, BertForPretraining) else _one_by_one
    return bias.probe(lambda text: score(model, text), bias.read_pairs())


def _one_by_one(model: OpenedModel, text: str) -> bias.Likelihood:
    """How likely a text is, each token after those before it."""
    _check_writes(model)
    ids = model.tokenizer.encode(text)
    first = model.tokenizer.bos_id
    ids = ids if first is None else [first, *ids]
    given = torch.tensor(ids[: model.config.block_size])
    logprobs = _logprobs(model.model, given[:-1], given[1:])
    return bias.Likelihood(logprobs.double().sum().item(), len(logprobs))


def _gap_by_gap(model: OpenedModel, text: str) -> bias.Likelihood:
    """How likely a text is, each token where it alone is hidden (Salazar et al. 2020)."""
    marks = marks_of(model.tokenizer)
    ids = torch.tensor(model.tokenizer.encode(text)[: model.config.block_size - 2])
    whole = torch.tensor([marks.first, *ids, marks.last])
    rows = torch.arange(len(ids))
    hidden = whole.repeat(len(ids), 1)
    hidden[rows, rows + 1] = marks.mask
    logits = model.model(hidden)[0][rows, rows + 1].float()  # (T, V)
    logprobs = logits.log_softmax(-1)[rows, ids]
    return bias.Likelihood(logprobs.double().sum().item(), len(ids))


def _report(model: OpenedModel, examples: Sequence[Example], rows: Sequence[Row]) -> Report:
    report = Report(n=len(examples), rows=tuple(rows))
    labelled = [one for one in examples if isinstance(one, Labelled)]
    if not labelled:
        return report
    actual = [one.label for one in labelled]
    probs = label_probs(model, [one.text for one in labelled])
    found = classification.measure(labels_of(model), actual, probs)
    confusion = tuple(tuple(row) for row in found.confusion)
    labels = tuple(one.label for one in found.labels)
    error = found.calibration.error
    return structs.replace(report, labels=labels, confusion=confusion, calibration_error=error)


def _measured(model: OpenedModel, examples: Sequence[Example]) -> dict[str, Figure]:
    return _figures(_tally(model, examples))


def _figures(tally: bootstrap.Tally) -> dict[str, Figure]:
    found = bootstrap.estimates(tally)
    return {name: Figure(one.value, one.low, one.high) for name, one in found.items()}


def _tally(model: OpenedModel, examples: Sequence[Example]) -> bootstrap.Tally:
    kind = type(examples[0])
    measures: Mapping[type, Callable[..., bootstrap.Tally]] = {
        Text: _texts,
        Labelled: _labels,
        Pair: _pairs,
        Question: _questions,
        Chat: _chats,
    }
    with torch.inference_mode():
        return measures[kind](model, examples)


def _labels(model: OpenedModel, examples: Sequence[Labelled]) -> bootstrap.Tally:
    probs = label_probs(model, [one.text for one in examples])
    return _main_figures(labels_of(model), examples, probs)


def label_figures(
    labels: Sequence[str], examples: Sequence[Labelled], probs: np.ndarray
) -> dict[str, Figure]:
    """How good probabilities of labels are.

    Args:
        labels: All of them, in the order of the columns.
        examples: The texts.
        probs: Of each text (row) those of the labels.
    """
    return _figures(_main_figures(labels, examples, probs))


def _main_figures(
    labels: Sequence[str], examples: Sequence[Labelled], probs: np.ndarray
) -> bootstrap.Tally:
    """Without those of single labels, which no two models may have in common."""
    whole = classification.tally(labels, [one.label for one in examples], probs)
    n_main = sum(":" not in name for name in whole.names)
    return bootstrap.Tally(
        whole.names[:n_main], whole.rows, lambda sums: whole.score(sums)[:, :n_main]
    )


def _pairs(model: OpenedModel, examples: Sequence[Pair]) -> bootstrap.Tally:
    if not isinstance(model.model, Transformer | Seq2Seq):
        raise TrainingError(
            say("This model does not turn one text into another. Choose one that was taught to.")
        )
    references = references_of(examples)
    written = translate(model.model, model.tokenizer, list(references))
    return translation.tally(written, list(references.values()))


def _questions(model: OpenedModel, examples: Sequence[Question]) -> bootstrap.Tally:
    found = answers_to(model, [(one.question, one.context) for one in examples])
    return answers.tally([one.text for one in found], [one.answers for one in examples])


def _chats(model: OpenedModel, examples: Sequence[Chat]) -> bootstrap.Tally:
    _check_writes(model)
    template = ChatTemplate(model.chat_template, model.tokenizer.bos, model.tokenizer.eos)
    size = min(_BLOCK, model.config.block_size)
    pieces = []
    all_ids, all_targets = reply_rows(examples, model.tokenizer, template, size)
    for row in range(len(all_ids)):
        ids, targets = all_ids[row], all_targets[row]
        logprobs = _logprobs(model.model, ids, targets.clamp(min=0))
        wanted = targets >= 0
        text = model.tokenizer.decode(targets[wanted].tolist())
        pieces.append(_piece(logprobs[wanted], text))
    return language.tally(pieces)


def _texts(model: OpenedModel, examples: Sequence[Text]) -> bootstrap.Tally:
    _check_writes(model)
    pieces = []
    for ids in _blocks(model, examples):
        logprobs = _logprobs(model.model, ids[:-1], ids[1:])
        pieces.append(_piece(logprobs, model.tokenizer.decode(ids[1:].tolist())))
    return language.tally(pieces)


def _blocks(model: OpenedModel, examples: Sequence[Text]) -> list[Tensor]:
    """Ids of texts in pieces; each begins with the last id of the one before."""
    size = min(_BLOCK, model.config.block_size)
    blocks = []
    for example in examples:
        ids = torch.tensor(model.tokenizer.encode(example.text))
        blocks += [ids[at : at + size + 1] for at in range(0, len(ids) - 1, size)]
    if not blocks:
        raise TrainingError(say("There is too little text to measure on."))
    return blocks


def _logprobs(network: nn.Module, ids: Tensor, targets: Tensor) -> Tensor:
    """The log-probability of each target after the ids up to its place, [T]."""
    logits = network(ids[None])[0].float()  # (T, V)
    logprobs: Tensor = logits.log_softmax(-1).gather(-1, targets[:, None])[:, 0]
    return logprobs


def _piece(logprobs: Tensor, text: str) -> language.Piece:
    return language.Piece(
        logprobs.double().sum().item(),
        len(logprobs),
        max(1, len(text)),
        max(1, len(text.encode("utf-8", "replace"))),
    )


def _check_writes(model: OpenedModel) -> None:
    if not hasattr(model.model, "new_state") or not hasattr(model.config, "block_size"):
        raise TrainingError(
            say("This model does not predict how a text goes on, so there is nothing to measure.")
        )


def _baselines(
    train: Sequence[Example], held_out: Sequence[Example], model: OpenedModel
) -> list[Row]:
    """What needs no network: the most frequent label, naive Bayes, n-grams, the source itself."""
    first = held_out[0]
    if isinstance(first, Labelled):
        learned = [one for one in train if isinstance(one, Labelled)]
        asked = [one for one in held_out if isinstance(one, Labelled)]
        simple: dict[str, Classifier] = {
            "the most frequent label": Majority(),
            "naive Bayes": NaiveBayes(),
        }
        return [Row(name, _simple(one, learned, asked)) for name, one in simple.items()]
    if isinstance(first, Text):
        return [Row(f"{_N_GRAM}-grams (Kneser-Ney)", _n_grams(train, held_out, model))]
    if isinstance(first, Pair):
        references = references_of(one for one in held_out if isinstance(one, Pair))
        copied = translation.tally(list(references), list(references.values()))
        return [Row("the source left as it is", _figures(copied))]
    return []


def _simple(
    model: Classifier, train: Sequence[Labelled], held_out: Sequence[Labelled]
) -> dict[str, Figure]:
    model.fit(train)
    probs = model.predict([one.text for one in held_out])
    return label_figures(model.labels, held_out, probs)


def _n_grams(
    train: Sequence[Example], held_out: Sequence[Example], model: OpenedModel
) -> dict[str, Figure]:
    tokenizer = model.tokenizer
    grams = NGrams(_N_GRAM, tokenizer.n_vocab)
    texts = [one.text for one in train if isinstance(one, Text)]
    grams.fit(np.array([id for text in texts for id in tokenizer.encode(text)]))
    pieces = []
    for ids in _blocks(model, [one for one in held_out if isinstance(one, Text)]):
        logprobs = torch.from_numpy(grams.logprobs(ids.numpy()))[1:]
        pieces.append(_piece(logprobs, tokenizer.decode(ids[1:].tolist())))
    return _figures(language.tally(pieces))
