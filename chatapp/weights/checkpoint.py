"""Our own form of a model on the disk: config.json, model.safetensors, the tokenizer, a model card.

The names of its tensors are those of the network's parameters. A checkpoint is whole or not there:
it is written beside its place and then put there by a rename.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import nn

from chatapp.errors import say
from chatapp.nn import bert, classifier, gpt, llama, rnn, seq2seq, transformer
from chatapp.text.json_file import damaged, read_object
from chatapp.text.tokenizer import Tokenizer
from chatapp.text.tokenizer_files import read_folder_tokenizer, save_tokenizer
from chatapp.weights.card import read_card, write_card
from chatapp.weights.layout import build, fill, same_names, unsupported
from chatapp.weights.opened import OpenedModel
from chatapp.weights.safetensors_file import WHOLE, SafetensorsFile
from chatapp.weights.values import MAX_LAYERS, MAX_SIZE, Values

CONFIG = "config.json"
_FORMAT = "chatapp_checkpoint"  # the key by which our config.json is known
_VERSION = 1

# What each architecture is called in config.json, its network and its configuration.
_NETWORKS: Mapping[str, tuple[Any, type]] = {
    "gpt": (gpt.GPT, gpt.GPTConfig),
    "llama": (llama.Llama, llama.LlamaConfig),
    "rnn": (rnn.RNNLM, rnn.RNNConfig),
    "gpt_classification": (classifier.GPTClassifier, gpt.GPTConfig),
    "llama_classification": (classifier.LlamaClassifier, llama.LlamaConfig),
    "rnn_classification": (classifier.RNNClassifier, rnn.RNNConfig),
    "transformer": (transformer.Transformer, transformer.TransformerConfig),
    "seq2seq": (seq2seq.Seq2Seq, seq2seq.Seq2SeqConfig),
    "bert": (bert.Bert, bert.BertConfig),
    "bert_pretraining": (bert.BertForPretraining, bert.BertConfig),
    "bert_sequence_classification": (bert.BertForSequenceClassification, bert.BertConfig),
    "bert_token_classification": (bert.BertForTokenClassification, bert.BertConfig),
    "bert_question_answering": (bert.BertForQuestionAnswering, bert.BertConfig),
}
_WITH_POOLER = ("bert", "bert_sequence_classification")  # or without: config.json says which


def save_checkpoint(
    folder: Path,
    model: nn.Module,
    tokenizer: Tokenizer,
    *,
    chat_template: str = "",
    card: Mapping[str, str] | None = None,
    labels: Sequence[str] = (),
    dtype: torch.dtype = torch.float32,
) -> None:
    """Write a network of ours, in place of what lies at `folder`.

    After a crash the former checkpoint, if there was one, is still there: in its place, or beside
    it as `<name>.old` if the crash came between the two renames.

    Args:
        folder: Where; its parent is made if it is not there.
        model: The network.
        tokenizer: Its vocabulary.
        chat_template: Its template, "" for none.
        card: What is said about it in words.
        labels: What the outputs of a classifier are called, () if they have no names.
        dtype: What the weights are written as.

    Raises:
        OSError: If it cannot be written; what was there stays.
        ValueError: If the network is none that can be opened again, or has more or fewer labels.
    """
    config = _describe(model, labels)
    tensors = {
        name: parameter.detach().to("cpu", dtype).contiguous()
        for name, parameter in model.named_parameters()
    }
    with placing(folder) as new:
        save_file(tensors, new / WHOLE)
        (new / CONFIG).write_text(json.dumps(config, indent=2), "utf-8")
        save_tokenizer(new, tokenizer, chat_template)
        write_card(new, card or {})


@contextmanager
def placing(folder: Path) -> Iterator[Path]:
    """A folder to write files to, which is put into the place of `folder` at the end.

    Raises:
        OSError: If it cannot be written; what was there stays.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield new
        for path in new.iterdir():
            _sync(path)
        _put(new, folder)
    except BaseException as error:
        shutil.rmtree(new, ignore_errors=True)
        if isinstance(error, SafetensorError):  # what the library makes of a full disk
            raise OSError(None, str(error), str(folder)) from error
        raise


def is_checkpoint(folder: Path) -> bool:
    """Whether a folder is of our form.

    Raises:
        ModelFileError: If its config.json is missing or damaged.
    """
    return _FORMAT in read_object(folder / CONFIG)


def open_checkpoint(folder: Path, dtype: torch.dtype) -> OpenedModel:
    """Open what `save_checkpoint` wrote.

    Args:
        folder: The folder.
        dtype: What the weights become.

    Raises:
        ModelFileError: If it cannot be used; the message names the file and what is wrong in it.
    """
    path = folder / CONFIG
    values = Values(path, read_object(path))
    if values.size(_FORMAT) > _VERSION:
        raise unsupported(path, say("It was written by a newer version of this program."))
    architecture = values.text("architecture")
    if architecture not in _NETWORKS:
        raise unsupported(
            path, say("Its architecture is unknown here ({kind}).", kind=architecture)
        )
    network_class, config_class = _NETWORKS[architecture]
    given = values.mapping("config")
    for name, value in given.items():
        limit = MAX_LAYERS if name == "n_layer" else MAX_SIZE
        if isinstance(value, int) and value > limit:
            raise damaged(path, say("its {key} makes no sense", key=name))
    extra = (values.size("n_label"),) if values.has("n_label") else ()
    labels = _labels(path, values)
    is_pooled = {"has_pooler": values.flag("has_pooler", True)}
    has_pooler = is_pooled if architecture in _WITH_POOLER else {}
    network = build(
        path,
        lambda: msgspec.convert(given, config_class),
        lambda config: network_class(config, *extra, **has_pooler),
    )
    tokenizer, chat_template = read_folder_tokenizer(folder)
    with SafetensorsFile(folder) as file:
        fill(network, same_names(network), file, dtype)
    return OpenedModel(
        network, network.config, tokenizer, chat_template, read_card(folder), architecture, labels
    )


def _labels(path: Path, values: Values) -> tuple[str, ...]:
    labels = values.texts("labels")
    if labels and len(set(labels)) != values.size("n_label"):
        raise damaged(path, say("its {key} makes no sense", key="labels"))
    return labels


def _describe(model: nn.Module, labels: Sequence[str]) -> dict[str, Any]:
    names = {network_class: name for name, (network_class, _) in _NETWORKS.items()}
    architecture = names.get(type(model))
    if architecture is None:
        raise ValueError(f"{type(model).__name__} is no network that can be saved")
    config: Any = model.config
    described = {_FORMAT: _VERSION, "architecture": architecture, "config": asdict(config)}
    if "classification" in architecture:
        n_label = model.get_parameter("head.weight").shape[0]
        described["n_label"] = n_label
        if labels:
            if len(set(labels)) != n_label:
                raise ValueError(f"Expected {n_label} different labels, got {len(set(labels))}")
            described["labels"] = list(labels)
    if architecture in _WITH_POOLER:
        described["has_pooler"] = any(name.endswith("pooler") for name, _ in model.named_modules())
    return described


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _put(new: Path, folder: Path) -> None:
    """Bring the new folder to its place; a folder that is not empty cannot be replaced in one."""
    old = folder.with_name(f"{folder.name}.old")
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
