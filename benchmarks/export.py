"""Whether a model that we export is the same model in llama.cpp: its tokens, and what it writes.

The weights of the starter model lie in a folder of Hugging Face first, in float32, as
`transformers` writes it.
"""

import tempfile
from pathlib import Path
from pydoc_data.topics import topics
from typing import Literal

from benchmarks import _engine, harness
from benchmarks.harness import Result
from chatapp.chat import GenerationParams, Message, new_id
from chatapp.client import EngineClient
from chatapp.protocol import Tokenize, Tokenized

LONG = False
TOKENS = 64
_QUESTIONS = (
    "Tell me a long story about a lighthouse.",
    "Explain step by step how a steam engine works.",
    "Write a letter to a friend in 1,850 words.",
    "¿Por qué es salada el agua del mar? Answer at length.",
)


def measure() -> list[Result]:
    """Tokens that both write greedily, and ids of a long text."""
    with tempfile.TemporaryDirectory() as folder:
        hugging_face, exported = Path(folder) / "smollm2", Path(folder) / "smollm2.gguf"
        _write(hugging_face, exported)
        ours = _answers(hugging_face, "native")
        theirs = _answers(exported, "llama")
    replies = zip(ours[0], theirs[0], strict=True)
    same = sum(a == b for one, other in replies for a, b in zip(one, other, strict=False))
    cut = len(ours[1])
    alike = cut if ours[1] == theirs[1] else 0
    return [
        harness.limit(
            "export", f"f32 in llama.cpp: greedy tokens as native, {len(_QUESTIONS)} replies",
            same, "tokens", reference=f"{TOKENS} each", at_least=TOKENS * len(_QUESTIONS),
        ),
        harness.limit(
            "export", "ids of a text in four scripts that both cut alike", alike, "ids",
            reference=f"{cut} ids", at_least=cut,
        ),
    ]  # fmt: skip


def _write(hugging_face: Path, exported: Path) -> None:
    """Write the starter model as a folder of Hugging Face, and that folder as GGUF."""
    from transformers.utils.logging import disable_progress_bar

    from benchmarks import _transformers
    from chatapp.nn.llama import Llama
    from chatapp.text.tokenizer_files import save_tokenizer
    from chatapp.weights.gguf_export import write_gguf
    from chatapp.weights.opening import open_model

    opened = open_model(_engine.starter_model())
    assert isinstance(opened.model, Llama)
    disable_progress_bar()  # type: ignore[no-untyped-call]
    _transformers.from_ours(opened.model).save_pretrained(hugging_face)
    save_tokenizer(hugging_face, opened.tokenizer, opened.chat_template)
    write_gguf(exported, open_model(hugging_face))


def _answers(
    path: Path, backend: Literal["native", "llama"]
) -> tuple[list[tuple[int, ...]], tuple[int, ...]]:
    """The ids of each reply, and those of a long text."""
    params = GenerationParams(temperature=0, repeat_penalty=1.0, max_new_tokens=TOKENS)
    replies = []
    with _engine.home(), EngineClient() as client:
        client.load(path, backend=backend, weights="f32" if backend == "native" else None)
        for question in _QUESTIONS:
            list(client.generate([Message(role="user", content=question)], params))
            assert client.reply is not None
            replies.append(client.reply.ids)
        events = client.request(Tokenize(id=new_id(), text=_text()))
        (tokenized,) = (event for event in events if isinstance(event, Tokenized))
    return replies, tokenized.ids


def _text() -> str:
    english = "\n".join(topics[name] for name in sorted(topics))[:30_000]
    return (
        english
        + "¡Añade él 1.234 y 56! Привет, мир. 中文 👩‍👩‍👧\r\n\t  for x in y:\n\n\n    print(x)"
    )


if __name__ == "__main__":
    raise SystemExit(harness.main(["export"]))
