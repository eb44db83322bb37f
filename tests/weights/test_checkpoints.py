import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from foreign_models import write_bpe
from torch import nn

from chatapp.errors import ModelFileError
from chatapp.nn import bert, classifier, gpt, llama, rnn, seq2seq, transformer
from chatapp.text.tokenizer import Tokenizer
from chatapp.text.tokenizer_files import read_folder_tokenizer
from chatapp.weights import checkpoint
from chatapp.weights.checkpoint import save_checkpoint
from chatapp.weights.opening import open_model

BERT = bert.BertConfig(280, 32, 2, 2, 16)
NETWORKS: dict[str, Any] = {
    "gpt": lambda: gpt.GPT(gpt.GPTConfig(280, 32, 2, 2, 16)),
    "llama": lambda: llama.Llama(
        llama.LlamaConfig(
            *(280, 32, 2, 4, 2, 16, 24),
            rope_scaling={"rope_type": "linear", "factor": 2.0},
            tie_embeddings=True,
        )
    ),
    "rnn": lambda: rnn.RNNLM(
        rnn.RNNConfig(n_vocab=280, block_size=32, n_layer=2, n_embd=16, hidden_size=16)
    ),
    "gpt_classification": lambda: classifier.GPTClassifier(gpt.GPTConfig(280, 32, 2, 2, 16), 3),
    "llama_classification": lambda: classifier.LlamaClassifier(
        llama.LlamaConfig(280, 32, 2, 4, 2, 16, 24), 3
    ),
    "rnn_classification": lambda: classifier.RNNClassifier(
        rnn.RNNConfig(280, 32, 2, 16, 16, cell="gru"), 3
    ),
    "bert": lambda: bert.Bert(BERT, has_pooler=False),
    "bert_pretraining": lambda: bert.BertForPretraining(BERT),
    "bert_sequence_classification": lambda: bert.BertForSequenceClassification(BERT, 3),
    "bert_token_classification": lambda: bert.BertForTokenClassification(BERT, 5),
    "bert_question_answering": lambda: bert.BertForQuestionAnswering(BERT),
}


@pytest.fixture
def tokenizer(tmp_path: Path) -> Tokenizer:
    write_bpe(tmp_path)
    return read_folder_tokenizer(tmp_path).tokenizer


@pytest.mark.parametrize("architecture", NETWORKS)
def test_a_checkpoint_gives_back_what_was_saved(
    tmp_path: Path, tokenizer: Tokenizer, architecture: str
) -> None:
    model: nn.Module = NETWORKS[architecture]()
    card = {"name": "Mine", "license": 'none: "yet"', "n_step": "12"}
    save_checkpoint(tmp_path / "c", model, tokenizer, chat_template="{{ 1 }}", card=card)
    opened = open_model(tmp_path / "c")
    assert type(opened.model) is type(model)
    assert opened.architecture == architecture
    assert opened.config == model.config
    assert (opened.chat_template, opened.card) == ("{{ 1 }}", card)
    assert opened.tokenizer.encode("the thing") == tokenizer.encode("the thing")
    assert opened.tokenizer.eos == "<|endoftext|>"
    assert opened.tokenizer.end_ids == tokenizer.end_ids
    state = opened.model.state_dict()
    for name, tensor in model.state_dict().items():
        assert torch.equal(state[name], tensor), name


def test_the_encoder_decoders_come_back_too(tmp_path: Path, tokenizer: Tokenizer) -> None:
    for number, model in enumerate(
        [
            transformer.Transformer(
                transformer.TransformerConfig(n_vocab=280, n_layer=1, n_head=2, n_embd=16, d_ff=32)
            ),
            seq2seq.Seq2Seq(
                seq2seq.Seq2SeqConfig(
                    n_src_vocab=280, n_tgt_vocab=280, n_layer=1, n_embd=8, hidden_size=8
                )
            ),
        ]
    ):
        save_checkpoint(tmp_path / str(number), model, tokenizer)
        opened = open_model(tmp_path / str(number))
        assert opened.config == model.config
        saved = opened.model.state_dict()
        assert all(torch.equal(saved[name], one) for name, one in model.state_dict().items())


@pytest.mark.parametrize("has_pooler", [True, False])
def test_a_classifier_says_what_its_outputs_are_called_and_how_it_judges(
    tmp_path: Path, tokenizer: Tokenizer, has_pooler: bool
) -> None:
    model = bert.BertForSequenceClassification(BERT, 3, has_pooler=has_pooler)
    labels = ("spam", "ham", "räksmörgås")
    save_checkpoint(tmp_path / "c", model, tokenizer, labels=labels)
    opened = open_model(tmp_path / "c")
    assert opened.labels == labels
    assert (opened.model.bert.pooler is None) is not has_pooler
    with pytest.raises(ValueError, match="3 different labels"):
        save_checkpoint(tmp_path / "c", model, tokenizer, labels=("spam", "ham", "ham"))


def test_labels_that_do_not_fit_the_outputs_are_refused(
    tmp_path: Path, tokenizer: Tokenizer
) -> None:
    model = NETWORKS["rnn_classification"]()
    save_checkpoint(tmp_path / "c", model, tokenizer, labels=("a", "b", "c"))
    path = tmp_path / "c" / "config.json"
    config = json.loads(path.read_text())
    for labels in (["a", "b"], ["a", "a", "b"], ["a", "b", 3], "abc"):
        path.write_text(json.dumps(config | {"labels": labels}))
        with pytest.raises(ModelFileError, match="labels"):
            open_model(tmp_path / "c")


def test_weights_can_be_saved_as_bfloat16(tmp_path: Path, tokenizer: Tokenizer) -> None:
    model = NETWORKS["gpt"]()
    save_checkpoint(tmp_path / "c", model, tokenizer, dtype=torch.bfloat16)
    saved = open_model(tmp_path / "c").model.state_dict()["head.weight"]
    assert saved.dtype == torch.float32
    assert torch.equal(saved, model.head.weight.to(torch.bfloat16).float())


def test_a_checkpoint_takes_the_place_of_the_one_before(
    tmp_path: Path, tokenizer: Tokenizer
) -> None:
    first, second = NETWORKS["gpt"](), NETWORKS["gpt"]()
    save_checkpoint(tmp_path / "c", first, tokenizer)
    save_checkpoint(tmp_path / "c", second, tokenizer)
    assert torch.equal(open_model(tmp_path / "c").model.head.weight, second.head.weight)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir() and path.name != "home"] == [
        "c"
    ]


def test_a_save_that_fails_leaves_the_checkpoint_before_it(
    tmp_path: Path, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = NETWORKS["gpt"]()
    save_checkpoint(tmp_path / "c", model, tokenizer)

    def fail(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(checkpoint, "_sync", fail)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(tmp_path / "c", NETWORKS["gpt"](), tokenizer)
    assert torch.equal(open_model(tmp_path / "c").model.head.weight, model.head.weight)
    assert not list(tmp_path.glob(".c-*"))


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("n_embd", 32, "280 x 16"),
        ("n_embd", "16", "n_embd"),
        ("n_layer", 10**6, "n_layer"),
        ("n_head", 3, "3 heads"),
        ("n_vocab", None, "n_vocab"),
        ("n_vocab", 2**40, "n_vocab"),
    ],
)
def test_a_config_that_was_changed_is_refused(
    tmp_path: Path, tokenizer: Tokenizer, key: str, value: object, words: str
) -> None:
    save_checkpoint(tmp_path / "c", NETWORKS["gpt"](), tokenizer)
    path = tmp_path / "c" / "config.json"
    config = json.loads(path.read_text())
    config["config"][key] = value
    path.write_text(json.dumps(config))
    with pytest.raises(ModelFileError, match=words):
        open_model(tmp_path / "c")


def test_a_checkpoint_of_a_newer_version_is_refused(tmp_path: Path, tokenizer: Tokenizer) -> None:
    save_checkpoint(tmp_path / "c", NETWORKS["gpt"](), tokenizer)
    path = tmp_path / "c" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"chatapp_checkpoint": 9}))
    with pytest.raises(ModelFileError, match="newer version"):
        open_model(tmp_path / "c")


def test_a_folder_without_a_config_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    with pytest.raises(ModelFileError, match=r"config\.json"):
        open_model(folder)
    shutil.rmtree(folder)
    with pytest.raises(ModelFileError, match="not there"):
        open_model(folder)
