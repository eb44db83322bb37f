"""The starter model in the native engine, through a real engine process."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from benchmarks import _transformers
from chatapp.__main__ import main
from chatapp.chat import GenerationParams, Message, new_id
from chatapp.client import EngineClient
from chatapp.engine import __main__ as engine_main
from chatapp.errors import EngineError
from chatapp.protocol import Delta, Done, Generate, Load, Progress, Render, Rendered

GREEDY = GenerationParams(temperature=0, repeat_penalty=1.0, max_new_tokens=64)
SHORT = GenerationParams(seed=1, max_new_tokens=8)


def user(text: str) -> Message:
    return Message(role="user", content=text)


@pytest.fixture(scope="module")
def engine(starter_model: Path) -> Iterator[EngineClient]:
    with EngineClient() as client:
        client.load(starter_model, backend="native", weights="f32", n_ctx=4096)
        yield client


def test_64_greedy_tokens_are_those_of_transformers(
    engine: EngineClient, starter_model: Path
) -> None:
    messages = (user("Why is the sea salty?"),)
    rendered = next(
        event
        for event in engine.request(Render(id=new_id(), messages=messages))
        if isinstance(event, Rendered)
    )
    list(engine.generate(messages, GREEDY))
    assert engine.reply is not None
    ids = torch.tensor([rendered.ids])
    model = _transformers.load(starter_model, torch.float32)
    theirs = model.generate(
        ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=64,
        eos_token_id=2, pad_token_id=2,
    )[0, ids.shape[1] :].tolist()  # fmt: skip
    assert len(theirs) > 32
    assert list(engine.reply.ids) == [id for id in theirs if id != 2]


def test_what_was_loaded_is_told(engine: EngineClient) -> None:
    loaded = engine.loaded
    assert loaded is not None
    assert (loaded.backend, loaded.weights, loaded.n_ctx) == ("native", "f32", 4096)
    assert loaded.build == f"torch {torch.__version__}"
    assert loaded.has_chat_template
    assert engine.ready.backends == ("llama", "native")


def test_the_second_turn_and_going_back_read_nothing_again(engine: EngineClient) -> None:
    talk = [user("Name a river." + " It may be long." * 20)]
    list(engine.generate(talk, SHORT))
    first = engine.reply
    assert first is not None
    answer = Message(role="assistant", content="x", ids=first.ids)
    list(engine.generate([user("Something else." + " And more." * 80)], SHORT))
    list(engine.generate([*talk, answer, user("Another.")], SHORT))
    second = engine.reply
    assert second is not None
    # The last token of the reply was drawn and not read.
    read_before = first.usage.prompt_tokens + first.usage.completion_tokens - 1
    assert second.usage.cached_tokens >= read_before


def test_a_stop_in_a_prompt_and_in_a_reply_comes_at_once(engine: EngineClient) -> None:
    for text, wanted in (("word " * 3_500, Progress), ("Tell me a long story.", Delta)):
        request = Generate(
            id=new_id(), messages=(user(text),), params=GenerationParams(max_new_tokens=500)
        )
        asked = 0.0
        for event in engine.request(request):
            is_due = isinstance(event, wanted) and not asked
            if is_due and not (isinstance(event, Progress) and event.done == event.total):
                asked = time.monotonic()
                engine.cancel(request.id)
            if isinstance(event, Done):
                assert event.reply is not None
                assert event.reply.finish_reason == "cancelled"
        # A tenth of a second on a quiet machine, where the benchmark measures it.
        assert time.monotonic() - asked < 2


def test_ask_takes_the_native_engine(
    starter_model: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    arguments = ["--engine", "native", "--weights", "int8", "--temperature", "0"]
    question = ["ask", "Why is the sea salty?", "--model", str(starter_model)]
    assert main([*question, *arguments, "--max-new-tokens", "12"]) == 0
    assert "sea" in capfd.readouterr().out


def test_torch_comes_with_a_native_model_only_and_llama_cpp_not_with_it() -> None:
    code = (
        "import sys, chatapp.engine.__main__ as engine; print('torch' in sys.modules);"
        "import chatapp.engine.backends.native; print('llama_cpp' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatapp.edition.find_spec", lambda name: None if name == "torch" else name)
    with pytest.raises(EngineError, match="pip install torch"):
        engine_main._load(Load(id="1", path="x", backend="native"), lambda part: None)
