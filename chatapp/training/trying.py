"""A trained model to be tried: labels for a text, a translation with its alignment, an answer."""

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import msgspec
import torch

from chatapp.nn.bert import BertForQuestionAnswering, BertForSequenceClassification
from chatapp.nn.classifier import CausalClassifier
from chatapp.nn.seq2seq import Seq2Seq
from chatapp.nn.trace import Trace
from chatapp.nn.transformer import Transformer
from chatapp.runs.trial import Answer, Ask, Kind, Ready
from chatapp.training.objectives.sequence_to_sequence import source_ids, translated_ids
from chatapp.training.predicting import answers_to, label_probs, labels_of
from chatapp.weights.opened import OpenedModel
from chatapp.weights.opening import open_model


def serve(folder: Path, asked: Iterable[bytes], out: BinaryIO) -> None:
    """Answer line by line until there are no more.

    Raises:
        ModelFileError: If the model cannot be opened.
    """
    model = open_model(folder, torch.float32)
    kind = kind_of(model)
    labels = labels_of(model) if kind == "classifier" else ()
    _write(out, Ready(kind=kind, labels=labels))
    for line in asked:
        _write(out, answer(model, msgspec.json.decode(line, type=Ask)))


def kind_of(model: OpenedModel) -> Kind:
    """What a model does with a text."""
    network = model.model
    if isinstance(network, BertForSequenceClassification | CausalClassifier):
        return "classifier"
    if isinstance(network, BertForQuestionAnswering):
        return "answers"
    if isinstance(network, Transformer | Seq2Seq):
        return "translator"
    return "generator" if hasattr(network, "new_state") else "other"


def answer(model: OpenedModel, ask: Ask) -> Answer:
    """What a model makes of a text; nothing, if it is none of these kinds."""
    match kind_of(model):
        case "classifier":
            return Answer(probs=tuple(label_probs(model, [ask.text])[0].tolist()))
        case "answers":
            found = answers_to(model, [(ask.text, ask.context)])[0]
            return Answer(
                text=found.text, start=found.start, end=found.end, probability=found.probability
            )
        case "translator":
            return _translation(model, ask.text)
    return Answer()


@torch.inference_mode()
def _translation(model: OpenedModel, text: str) -> Answer:
    """Translate, then read both sides again to see where each token looked.

    The alignment is that of the decoder's last layer, the mean of its heads.
    """
    tokenizer = model.tokenizer
    source = source_ids(tokenizer, text)
    if len(source) == 1:  # only its end
        return Answer()
    target = translated_ids(model.model, tokenizer, [text])[0]
    assert tokenizer.bos_id is not None
    trace = Trace(hidden=False, gates=False)
    ids = torch.tensor([[tokenizer.bos_id, *target]])
    model.model(torch.tensor([source]), ids, trace=trace)
    alignment: tuple[tuple[float, ...], ...] = ()
    if trace.cross_attention:
        weights = trace.cross_attention[-1][0].mean(dim=0)  # (T+1, S)
        alignment = tuple(tuple(row) for row in weights[: len(target)].tolist())
    return Answer(
        text=tokenizer.decode(target),
        source_tokens=tuple(tokenizer.text(id) for id in source),
        target_tokens=tuple(tokenizer.text(id) for id in target),
        alignment=alignment,
    )


def _write(out: BinaryIO, message: Ready | Answer) -> None:
    out.write(msgspec.json.encode(message) + b"\n")
    out.flush()
