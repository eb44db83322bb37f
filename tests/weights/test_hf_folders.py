import json
from pathlib import Path
from typing import Any

import pytest
import torch
from foreign_models import bert, gpt2, llama, write_model

from chatapp.nn import bert as our_bert
from chatapp.weights.opening import open_model

IDS = torch.arange(5, 25)[None]
FAMILIES = {
    "gpt2": gpt2,
    "llama": llama,
    "llama, tied, all heads": lambda: llama(tie_word_embeddings=True, num_key_value_heads=4),
    "llama with biases": lambda: llama(attention_bias=True, mlp_bias=True, head_dim=16),
    "llama 3": lambda: llama(
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 500000.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 32,
        }
    ),
    "mistral": lambda: llama("Mistral", sliding_window=8),
    "qwen2": lambda: llama("Qwen2"),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_language_model_gives_the_logits_it_gives_in_transformers(
    tmp_path: Path, name: str
) -> None:
    theirs = write_model(tmp_path / "m", FAMILIES[name]())
    ours = open_model(tmp_path / "m")
    assert ours.architecture == theirs.config.model_type
    with torch.inference_mode():
        assert torch.allclose(ours.model(IDS), theirs(IDS).logits, rtol=0, atol=1e-5)


def test_shards_give_the_same_as_one_file(tmp_path: Path) -> None:
    theirs = write_model(tmp_path / "m", llama(), max_shard_size="20KB")
    assert len(list((tmp_path / "m").glob("*.safetensors"))) > 2
    with torch.inference_mode():
        ours = open_model(tmp_path / "m").model(IDS)
        assert torch.allclose(ours, theirs(IDS).logits, rtol=0, atol=1e-5)


def test_weights_become_bfloat16_when_asked_for(tmp_path: Path) -> None:
    write_model(tmp_path / "m", llama(tie_word_embeddings=True))
    model = open_model(tmp_path / "m", torch.bfloat16).model
    assert {parameter.dtype for parameter in model.parameters()} == {torch.bfloat16}
    assert model.head.weight is model.token_embedding.weight


HEADS = {
    "Model": our_bert.Bert,
    "ForPreTraining": our_bert.BertForPretraining,
    "ForSequenceClassification": our_bert.BertForSequenceClassification,
    "ForTokenClassification": our_bert.BertForTokenClassification,
    "ForQuestionAnswering": our_bert.BertForQuestionAnswering,
}


@pytest.mark.parametrize("head", HEADS)
def test_a_bert_comes_with_the_head_that_its_file_has(tmp_path: Path, head: str) -> None:
    options: dict[str, Any] = {"num_labels": 3} if "Classification" in head else {}
    theirs = write_model(tmp_path / "m", bert(head, **options))
    ours = open_model(tmp_path / "m").model
    assert type(ours) is HEADS[head]
    state = theirs.state_dict()
    inner = ours if head == "Model" else ours.bert
    prefix = "" if head == "Model" else "bert."
    query, key, value = (
        state[f"{prefix}encoder.layer.1.attention.self.{part}.weight"]
        for part in ("query", "key", "value")
    )
    assert torch.equal(inner.blocks[1].attention.qkv.weight, torch.cat((query, key, value)))
    if head == "ForPreTraining":
        assert torch.equal(ours.next_sentence_head.bias, state["cls.seq_relationship.bias"])
        assert ours.token_head.weight is inner.token_embedding.weight


def test_a_classifier_says_what_its_labels_are_called(tmp_path: Path) -> None:
    names = {0: "sad", 1: "glad", 2: "räksmörgås"}
    write_model(tmp_path / "m", bert("ForSequenceClassification", num_labels=3, id2label=names))
    assert open_model(tmp_path / "m").labels == ("sad", "glad", "räksmörgås")
    path = tmp_path / "m" / "config.json"
    config = json.loads(path.read_text("utf-8"))
    for id2label in ({"0": "sad", "1": "sad", "2": "glad"}, {"0": "sad"}, None):
        path.write_text(json.dumps(config | {"id2label": id2label}), "utf-8")
        assert open_model(tmp_path / "m").labels == ()


def test_the_card_is_read_from_the_readme(tmp_path: Path) -> None:
    write_model(tmp_path / "m", gpt2())
    (tmp_path / "m" / "README.md").write_text("---\nlicense: mit\ntags:\n- a\n---\nText")
    assert open_model(tmp_path / "m").card == {"license": "mit"}
