import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from chatapp.nn.bert import BertConfig, BertForQuestionAnswering, BertForSequenceClassification
from chatapp.training.jobs import FAILED
from chatapp.training.vocabulary import learn_tokenizer
from chatapp.weights.checkpoint import save_checkpoint

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def tokenizer():
    return learn_tokenizer("wordpiece", ["the cat is old and the oak is older"], 60)


def config(tokenizer):
    return BertConfig(tokenizer.n_vocab, 64, 1, 2, 16)


def tried(folder, *asked):
    """What the process answers that the window starts."""
    process = subprocess.run(
        [sys.executable, "-m", "chatapp.engine", "try", str(folder)],
        input=b"".join(json.dumps(one).encode() + b"\n" for one in asked),
        capture_output=True, timeout=60, check=False,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    return process.returncode, [json.loads(line) for line in process.stdout.splitlines()]


def test_a_classifier_says_how_likely_its_labels_are(tmp_path, tokenizer):
    torch.manual_seed(0)
    network = BertForSequenceClassification(config(tokenizer), 2)
    save_checkpoint(tmp_path / "model", network, tokenizer, labels=("animal", "plant"))
    code, (ready, first, second) = tried(
        tmp_path / "model", {"text": "the cat"}, {"text": "the oak is old"}
    )
    assert code == 0
    assert ready == {"kind": "classifier", "labels": ["animal", "plant"]}
    assert sum(first["probs"]) == pytest.approx(1)
    assert first["probs"] != second["probs"]


def test_an_answer_stands_where_it_is_said_to_stand(tmp_path, tokenizer):
    torch.manual_seed(0)
    save_checkpoint(tmp_path / "model", BertForQuestionAnswering(config(tokenizer)), tokenizer)
    context = "the oak is old and the cat is older"
    code, (ready, found) = tried(tmp_path / "model", {"text": "the cat?", "context": context})
    assert code == 0
    assert ready["kind"] == "answers"
    assert context[found["start"] : found["end"]] == found["text"] != ""


def test_a_model_that_is_not_there_is_refused_in_json(tmp_path):
    code, (sentence,) = tried(tmp_path / "nothing")
    assert code == FAILED
    assert "nothing" in str(sentence)
