import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tokenizers import pre_tokenizers, trainers

from chatapp.chat import GenerationParams, Message
from chatapp.client import EngineClient
from chatapp.library.gguf_header import read_header
from chatapp.nn.gpt import GPT, GPTConfig
from chatapp.nn.rnn import RNNLM, RNNConfig
from chatapp.text import tokenizer_rules
from chatapp.text.tokenizer import Tokenizer
from chatapp.weights.checkpoint import save_checkpoint

N_VOCAB = 280


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chatapp", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        timeout=60,
    )


def _tokenizer() -> Tokenizer:
    rules = tokenizer_rules.byte_level({}, [], tokenizer_rules.word_expressions("gpt-2") or ())
    trainer = trainers.BpeTrainer(
        vocab_size=N_VOCAB,
        special_tokens=["<eos>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    rules.train_from_iterator(["the sea is salty, the sea is wide, the sea is deep"] * 3, trainer)
    return Tokenizer(rules, eos="<eos>")


@pytest.fixture
def gpt(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    model = GPT(GPTConfig(N_VOCAB, 128, 1, 2, 32))
    save_checkpoint(tmp_path / "mine", model, _tokenizer(), card={"name": "Mine"})
    return tmp_path / "mine"


@pytest.mark.parametrize("kind", ["f32", "BF16", "q4_0"])
def test_a_checkpoint_becomes_a_file_that_chats(tmp_path: Path, gpt: Path, kind: str) -> None:
    path = tmp_path / "mine.gguf"
    path.write_text("what was there")
    ended = _run("export", str(gpt), str(path), "--quantize", kind)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert str(path) in ended.stdout
    header = read_header(path)
    assert (header.name, header.quantization) == ("Mine", kind.upper())
    with EngineClient() as engine:
        engine.load(path)
        params = GenerationParams(max_new_tokens=4, seed=1)
        list(engine.generate([Message(role="user", content="the sea")], params))
        assert engine.reply is not None
        assert engine.reply.usage.completion_tokens > 0
    assert not list(tmp_path.glob(".mine*"))


def test_a_script_reads_what_was_written(tmp_path: Path, gpt: Path) -> None:
    path = tmp_path / "mine.gguf"
    ended = _run("export", str(gpt), str(path), "--json")
    assert json.loads(ended.stdout) == {"path": str(path), "size_bytes": path.stat().st_size}


def test_what_cannot_be_exported_is_said_in_one_line(tmp_path: Path, gpt: Path) -> None:
    save_checkpoint(tmp_path / "rnn", RNNLM(RNNConfig(N_VOCAB, 64, 1, 8, 8)), _tokenizer())
    path = tmp_path / "out.gguf"
    for arguments, code, words in (
        ((str(tmp_path / "rnn"), str(path)), 3, "does not know this architecture"),
        ((str(tmp_path / "gone"), str(path)), 3, "gone"),
        ((str(gpt), str(tmp_path / "no" / "out.gguf")), 3, "cannot be written: No such file"),
        ((str(gpt), str(tmp_path / "out.bin")), 2, "should end in .gguf"),
        ((str(gpt), str(path), "--quantize", "Q9"), 2, "'Q8_0', 'Q6_K'"),
    ):
        ended = _run("export", *arguments)
        assert ended.returncode == code
        (line,) = ended.stderr.splitlines()
        assert words in line
        assert ended.stdout == ""
    assert not list(tmp_path.glob("*.gguf"))


def test_the_help_lists_the_types() -> None:
    text = " ".join(_run("export", "--help").stdout.split())
    assert "F32, F16, BF16, Q8_0, Q6_K" in text
