"""A tokenizer as the key-values of a GGUF file, for llama.cpp and for our own reader.

Whatever is made here is read again and must cut texts as the tokenizer does, or it is refused.

llama.cpp knows no vocabulary of characters. One is written as a byte-level BPE that merges nothing
but the bytes of each character; what no token spells llama.cpp then leaves out, where our
networks read the token for unknown characters.

Source: llama-vocab.cpp of llama.cpp.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chatapp.errors import ChatAppError, ExportError, Sentence, say
from chatapp.text import tokenizer_rules as rules
from chatapp.text.tokenizer import Tokenizer, byte_of_character
from chatapp.text.tokenizer_gguf import read_gguf_tokenizer

Entry = bool | int | float | str | Sequence[str] | Sequence[int] | Sequence[float]

_KEY = "tokenizer.ggml."
_NORMAL, _UNKNOWN, _CONTROL, _USER_DEFINED, _UNUSED, _BYTE = 1, 2, 3, 4, 5, 6
# The writer leaves out a list that is empty, and llama.cpp wants one. No text has these bytes.
_NO_MERGES = ("ÿ ÿ",)
_SAMPLES = (
    "The quick brown fox can't jump over the lazy dogs; they'll say \"I'VE DONE it!\"",
    "  two spaces,\ttabs\t\tand\n\n\nlines\r\n   of 1 22 333 4444 55555.  ",
    'def f(x_1: int) -> str:\n    return f"{x_1:>08}" + r"\\n"  # <b>&amp;</b>',
    "Añade él, naïve Größe, Привет мир, שלום, नमस्ते, 中文字符, かな, 한국어, 👩‍👩‍👧 ½ ² Ⅳ",
)


def vocabulary_values(tokenizer: Tokenizer, n_vocab: int) -> dict[str, Entry]:
    """The key-values that describe a tokenizer.

    Args:
        tokenizer: The vocabulary.
        n_vocab: Ids that the network knows; those without a token get one that stands for nothing.

    Raises:
        ExportError: If llama.cpp has none that cuts texts alike, or no token can end a text.
    """
    described = json.loads(tokenizer.to_json())
    table = _Table(described, n_vocab)
    values: dict[str, Entry] = {
        **_rules(described, table),
        "tokens": tuple(table.tokens),
        "token_type": tuple(table.types),
        "add_bos_token": tokenizer.adds_bos,
        "eos_token_id": _end(tokenizer, table),
    }
    if tokenizer.bos_id is not None:
        values["bos_token_id"] = tokenizer.bos_id
    if table.unknown is not None:
        values["unknown_token_id"] = table.unknown
    again = _read(values)
    others = sorted(tokenizer.end_ids - again.end_ids)
    values |= zip(("eot_token_id", "eom_token_id"), others, strict=False)
    if len(others) > 2 or again.adds_bos != tokenizer.adds_bos:
        raise _unlike(say("it ends or begins texts in another way"))
    if not all(_cut_alike(tokenizer, again, text) for text in _texts(tokenizer, table)):
        raise _unlike(say("its rules are others"))
    return {_KEY + name: value for name, value in values.items()}


def leaves_out_unknown(tokenizer: Tokenizer, values: Mapping[str, Entry]) -> bool:
    """Whether llama.cpp leaves out of a text what the tokenizer reads as an unknown character."""
    unknown = values.get(_KEY + "unknown_token_id")
    return values[_KEY + "model"] == "gpt2" and unknown in tokenizer.encode("\U0010fffd")


class _Table:
    """Text and type of each token, by id.

    Attributes:
        tokens: As GGUF writes them.
        types: As llama.cpp numbers them.
        unknown: Id of the token for what cannot be spelled, None when there is none.
        fillers: Ids that stand for nothing.
    """

    def __init__(self, described: Mapping[str, Any], n_vocab: int) -> None:
        model = described["model"]
        given = model.get("vocab")
        vocab: dict[str, int] = given if isinstance(given, dict) else {}
        self.tokens = [f"[PAD{id}]" for id in range(n_vocab)]
        self.types = [_UNUSED] * n_vocab
        for token, id in vocab.items():
            self.tokens[id], self.types[id] = token, _NORMAL
        for added in described["added_tokens"]:
            self.tokens[added["id"]] = added["content"]
            self.types[added["id"]] = _CONTROL if added["special"] else _USER_DEFINED
        self.unknown: int | None = vocab.get(model.get("unk_token"))
        if self.unknown is not None and self.types[self.unknown] == _NORMAL:
            self.types[self.unknown] = _UNKNOWN
        self.fillers = [id for id, kind in enumerate(self.types) if kind == _UNUSED]

    def normal(self) -> Iterator[int]:
        """Ids of the tokens that texts are made of."""
        return (id for id, kind in enumerate(self.types) if kind == _NORMAL)


def _rules(described: Mapping[str, Any], table: _Table) -> dict[str, Entry]:
    """The key-values for the way texts are cut; may rewrite the tokens of `table`."""
    model, decoder = described["model"], json.dumps(described["decoder"])
    if model["type"] == "BPE" and "ByteLevel" in decoder:
        return _byte_level(described, table)
    if model["type"] == "BPE" and model["byte_fallback"]:
        return _sentence_piece(described, table)
    is_single = all(len(table.tokens[id]) == 1 for id in table.normal())
    if model["type"] in ("BPE", "WordLevel") and is_single and not model.get("merges"):
        return _characters(table)
    raise _unlike(say("it is of the kind {kind}", kind=model["type"]))


def _byte_level(described: Mapping[str, Any], table: _Table) -> dict[str, Entry]:
    way = rules.way_of(tuple(_expressions(described["pre_tokenizer"])))
    if way is None:
        raise _unlike(say("it cuts texts into words by expressions of its own"))
    return {"model": "gpt2", "pre": way, "merges": _merges(described) or _NO_MERGES}


def _expressions(part: Mapping[str, Any]) -> Iterator[str]:
    """The expressions that cut a text into words, one after the other; "" for one without name."""
    (gpt2,) = rules.word_expressions("gpt-2") or ()
    match part:
        case {"type": "Sequence", "pretokenizers": parts}:
            for one in parts:
                yield from _expressions(one)
        case {"type": "Split", "pattern": {"Regex": expression}, "behavior": "Isolated"}:
            yield expression
        case {"type": "Digits", "individual_digits": True}:
            yield r"\p{N}"
        case {"type": "ByteLevel", "add_prefix_space": False, "use_regex": has_words}:
            yield from (gpt2,) if has_words else ()
        case _:
            yield ""


def _sentence_piece(described: Mapping[str, Any], table: _Table) -> dict[str, Entry]:
    """SentencePiece's BPE: the earlier a token is merged, the better its score."""
    ranks: dict[str, int] = {}
    for merge in _merges(described):
        ranks.setdefault(merge.replace(" ", ""), len(ranks))
    for id in table.normal():
        token = table.tokens[id]
        if len(token) == 6 and token.startswith("<0x"):
            table.types[id] = _BYTE
    # What is never merged, single letters, comes last, as in the files of others.
    scores = tuple(-float(ranks.get(token, len(ranks))) for token in table.tokens)
    begins_with_space = "prepend" in json.dumps(
        [described["normalizer"], described["pre_tokenizer"]]
    )
    return {"model": "llama", "scores": scores, "add_space_prefix": begins_with_space}


def _characters(table: _Table) -> dict[str, Entry]:
    letters = {byte: letter for letter, byte in byte_of_character().items()}
    merges: dict[str, None] = {}  # each once, in order
    for id in table.normal():
        spelled = "".join(letters[byte] for byte in table.tokens[id].encode())
        merges |= dict.fromkeys(f"{spelled[:n]} {spelled[n]}" for n in range(1, len(spelled)))
        table.tokens[id] = spelled
    return {"model": "gpt2", "pre": "gpt-2", "merges": tuple(merges) or _NO_MERGES}


def _merges(described: Mapping[str, Any]) -> tuple[str, ...]:
    """Two tokens each, parted by a space; older versions of the library write them so too."""
    given = described["model"]["merges"]
    return tuple(one if isinstance(one, str) else " ".join(one) for one in given)


def _end(tokenizer: Tokenizer, table: _Table) -> int:
    """The token that ends a text; llama.cpp would else take the one with the id 11 for it."""
    unwritten = [*table.fillers, *([] if table.unknown is None else [table.unknown])]
    candidates: list[int | None] = [tokenizer.eos_id, *sorted(tokenizer.end_ids), *unwritten]
    chosen = next((id for id in candidates if id is not None), None)
    if chosen is None:
        raise _unlike(say("no token of it ends a text, and llama.cpp wants one that does"))
    return chosen


def _read(values: Mapping[str, Entry]) -> Tokenizer:
    try:
        return read_gguf_tokenizer("GGUF", {_KEY + name: one for name, one in values.items()})
    except ChatAppError as error:
        raise _unlike(error.sentence) from error


def _texts(tokenizer: Tokenizer, table: _Table) -> Iterator[str]:
    """Samples of many kinds, and all tokens in a row."""
    yield from _SAMPLES
    pieces = [tokenizer.piece(id) for id in table.normal()]
    yield b"".join(pieces).decode("utf-8", "replace")
    yield b" ".join(pieces).decode("utf-8", "replace")
    special = (_CONTROL, _USER_DEFINED)
    marks = (text for text, kind in zip(table.tokens, table.types, strict=True) if kind in special)
    yield "".join(f"a{mark}b {mark} c" for mark in marks)


def _cut_alike(one: Tokenizer, other: Tokenizer, text: str) -> bool:
    return all(
        one.encode(text, special=special) == other.encode(text, special=special)
        for special in (False, True)
    )


def _unlike(reason: Sentence) -> ExportError:
    return ExportError(
        say(
            "llama.cpp has no vocabulary that cuts texts as this model's does: {reason}.",
            reason=reason,
        )
    )
