"""Text to ids and ids to bytes, with a model's own vocabulary, on the `tokenizers` library.

Knows nothing about files or networks. What is read from a file is a stranger's: the library is
written in Rust and panics where Python raises, so every call into it goes through `calling`.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import NamedTuple

import tokenizers

from chatapp.errors import ChatAppError, EngineError, say

# A reply ends at these, whatever else the vocabulary's files say. Source: llama-vocab.cpp.
# fmt: off
_END_NAMES = frozenset({
    "<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<|end_of_text|>",
    "<|return|>", "<|call|>", "<end_of_turn>", "<end_of_utterance>", "<EOT>", "_<EOT>", "[EOT]",
    "[EOS]", "</s>", "<eos>", "<｜end▁of▁sentence｜>", "<|repo_name|>",
    "<reponame>", "<|file_sep|>", "<|fim_pad|>",
})
# fmt: on


class Marked(NamedTuple):
    """One or two texts as an encoder reads them: [CLS] text [SEP], or [CLS] text [SEP] pair [SEP].

    Both lists have one number a token; `type_ids` are 0 for the first text and 1 for the second.
    """

    ids: list[int]
    type_ids: list[int]


class Window(NamedTuple):
    """A text and as much of a longer one behind it as an encoder reads at a time.

    All lists have one item a token.

    Attributes:
        ids: Of both, between their marks.
        type_ids: 0 for the first text and 1 for the second, as in `Marked`.
        places: Where each token of the second text begins and ends in it, in characters; None for
            every other token.
    """

    ids: list[int]
    type_ids: list[int]
    places: list[tuple[int, int] | None]


class Tokenizer:
    """A vocabulary and the rules that cut a text into its tokens.

    Attributes:
        n_vocab: How many ids there are: 0 to n_vocab - 1.
        bos: Text of the token that begins a text, "" when there is none.
        eos: Text of the token that ends a text, "" when there is none.
        bos_id: Its id, None when there is none.
        eos_id: Its id, None when there is none.
        adds_bos: Whether the model was trained with `bos` before every text.
        end_ids: The tokens that end a reply.
    """

    def __init__(
        self,
        rules: tokenizers.Tokenizer,
        *,
        bos: str = "",
        eos: str = "",
        adds_bos: bool | None = None,
        end_ids: Iterable[int] = (),
    ) -> None:
        """Take over what the library read.

        Args:
            rules: The library's own tokenizer.
            bos: Text of the token that begins a text.
            eos: Text of the token that ends a text.
            adds_bos: Whether `bos` comes before every text; by default as `rules` do it.
            end_ids: Tokens that end a reply, beside `eos` and those known by their names.
        """
        rules.no_truncation()
        rules.no_padding()
        self._rules = rules
        self._vocab = rules.get_vocab(with_added_tokens=True)
        self._added = {id: str(token) for id, token in rules.get_added_tokens_decoder().items()}
        self._control = {
            id for id, token in rules.get_added_tokens_decoder().items() if token.special
        }
        self._spell = _spelling(rules)
        self.n_vocab = max(self._vocab.values(), default=-1) + 1
        self.bos_id, self.eos_id = self._vocab.get(bos), self._vocab.get(eos)
        self.bos = bos if self.bos_id is not None else ""
        self.eos = eos if self.eos_id is not None else ""
        self.adds_bos = self._begins_with_bos() if adds_bos is None else adds_bos
        named = {id for id in self._control if self._added[id] in _END_NAMES}
        last = () if self.eos_id is None else (self.eos_id,)
        self.end_ids = frozenset({*named, *end_ids, *last})

    def encode(self, text: str, *, special: bool = False) -> list[int]:
        """Ids of `text`, never with a BOS of its own; `special` parses control tokens.

        Raises:
            EngineError: If the rules of a damaged vocabulary fail on this text.
        """
        with calling(_cannot_cut):
            self._rules.encode_special_tokens = not special
            return self._rules.encode(_sound(text), add_special_tokens=False).ids

    def encode_marked(self, text: str, pair: str | None = None) -> Marked:
        """What an encoder reads: `text`, and `pair` if there is one, between its marks.

        Raises:
            EngineError: If the rules of a damaged vocabulary fail on this text.
        """
        with calling(_cannot_cut):
            self._rules.encode_special_tokens = True
            encoding = self._rules.encode(_sound(text), None if pair is None else _sound(pair))
            return Marked(encoding.ids, encoding.type_ids)

    def encode_windows(self, text: str, long: str, size: int, overlap: int) -> list[Window]:
        """What an encoder reads of `long`, window after window, `text` before each of them.

        Args:
            text: What is read with every window; of its tokens half a window at most is taken.
            long: What is cut into windows.
            size: Tokens of a window at most.
            overlap: Tokens of `long` that a window has in common with the one before.

        Raises:
            EngineError: If the rules of a damaged vocabulary fail on this text.
            ValueError: If so small windows would not move on.
        """
        with calling(_cannot_cut):
            self._rules.encode_special_tokens = True
            places = self._rules.encode(_sound(text), add_special_tokens=False).offsets
            text = _sound(text)[: places[size // 2 - 1][1]] if len(places) > size // 2 else text
        n_before = len(self.encode_marked(text, "").ids)
        if size <= n_before + overlap:
            raise ValueError(f"Windows of {size} have no room for {n_before} and {overlap} tokens")
        with calling(_cannot_cut):
            self._rules.enable_truncation(size, stride=overlap, strategy="only_second")
            try:
                first = self._rules.encode(_sound(text), _sound(long))
            finally:
                self._rules.no_truncation()
            return [_window(one) for one in (first, *first.overflowing)]

    def piece(self, id: int) -> bytes:
        """Bytes of one token, b"" for control tokens and ids without one."""
        if id in self._control:
            return b""
        if id in self._added:
            return self._added[id].encode()
        return self._spell(self._token(id))

    def decode(self, ids: Iterable[int]) -> str:
        """The text of whole ids; bytes that are no whole character become U+FFFD."""
        return b"".join(map(self.piece, ids)).decode("utf-8", "replace")

    def text(self, id: int) -> str:
        """One token to be looked at, control tokens by their names."""
        return self._added[id] if id in self._added else self.piece(id).decode("utf-8", "replace")

    def is_end(self, id: int) -> bool:
        """Whether this token ends a reply."""
        return id in self.end_ids

    def id_of(self, token: str) -> int | None:
        """The id of a token as the vocabulary writes it, like "[MASK]"; None if it has none."""
        return self._vocab.get(token)

    def to_json(self) -> str:
        """Vocabulary and rules as the library writes them into a tokenizer.json."""
        return self._rules.to_str()

    def _token(self, id: int) -> str:
        # The library takes ids of 32 bits and raises at others.
        return (self._rules.id_to_token(id) or "") if 0 <= id < self.n_vocab else ""

    def _begins_with_bos(self) -> bool:
        with calling(_cannot_cut):
            return self.bos_id is not None and self.bos_id in self._rules.encode("").ids[:1]


@contextmanager
def calling(failure: Callable[[str], Exception]) -> Iterator[None]:
    """Turn whatever the library raises, its panics included, into what `failure` makes of it."""
    try:
        yield
    except ChatAppError:  # ours, and says what it is
        raise
    except Exception as error:
        raise failure(str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # no Exception, and importable from nowhere
            raise
        raise failure(str(error)) from error


def _window(encoding: tokenizers.Encoding) -> Window:
    spans = zip(encoding.sequence_ids, encoding.offsets, strict=True)
    places = [place if which == 1 else None for which, place in spans]
    return Window(encoding.ids, encoding.type_ids, places)


def _cannot_cut(_reason: str) -> EngineError:
    return EngineError("bad_request", say("This text cannot be cut into tokens."))


def _sound(text: str) -> str:
    """Halves of surrogate pairs have no UTF-8; everything else stays."""
    return text.encode("utf-8", "replace").decode()


def _spelling(rules: tokenizers.Tokenizer) -> Callable[[str], bytes]:
    """How this vocabulary writes the bytes of a token, by what the library decodes it with."""
    decoder = json.loads(rules.decoder.__getstate__()) if rules.decoder else {}
    parts = {part["type"] for part in decoder.get("decoders", [decoder]) if part}
    if "ByteLevel" in parts:
        return _spell_byte_level
    if "WordPiece" in parts:
        return _spell_word_piece
    if parts & {"ByteFallback", "Metaspace"}:
        return _spell_sentence_piece
    return str.encode


def _spell_byte_level(token: str) -> bytes:
    table = byte_of_character()
    if all(character in table for character in token):
        return bytes(table[character] for character in token)
    return token.encode()


def _spell_word_piece(token: str) -> bytes:
    return (token[2:] if token.startswith("##") else f" {token}").encode()


def _spell_sentence_piece(token: str) -> bytes:
    if len(token) == 6 and token.startswith("<0x") and token.endswith(">"):
        return bytes([int(token[3:5], 16)])
    return token.replace("▁", " ").encode()


@cache
def byte_of_character() -> dict[str, int]:
    """The printable character that stands for each byte in byte-level vocabularies, turned round.

    Source: Radford et al. 2019, the released encoder of GPT-2 (bytes_to_unicode).
    """
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    table = {chr(byte): byte for byte in printable}
    return table | {chr(256 + n): byte for n, byte in enumerate(others)}
