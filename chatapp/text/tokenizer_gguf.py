"""The tokenizer inside a GGUF file, out of the key-values that the file's reader found.

Knows nothing about files.

Source: llama-vocab.cpp of llama.cpp.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tokenizers
from tokenizers import AddedToken

from chatapp.errors import ModelFileError, Sentence, say
from chatapp.text import tokenizer_rules as rules
from chatapp.text.tokenizer import Tokenizer, byte_of_character, calling

_KEY = "tokenizer.ggml."
ARRAYS = frozenset(_KEY + name for name in ("tokens", "merges", "scores", "token_type"))

_NORMAL, _UNKNOWN, _CONTROL, _USER_DEFINED = 1, 2, 3, 4


def read_gguf_tokenizer(name: str, values: Mapping[str, Any]) -> Tokenizer:
    """The tokenizer that a file's key-values describe.

    Args:
        name: Of the file, for what is said.
        values: Its key-values, the long ones named in `ARRAYS` included.

    Raises:
        ModelFileError: If the vocabulary is damaged or of a kind that is not known here.
    """
    return _Reader(name, values).read()


class _Reader:
    """Takes the vocabulary out of one file's key-values."""

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        self._name = name
        self._values = values
        self._tokens: Sequence[str] = self._array("tokens", str)
        self._types: Sequence[int] = self._array("token_type", int)
        if not self._types:
            self._types = (_NORMAL,) * len(self._tokens)
        if not self._tokens or len(self._types) != len(self._tokens):
            raise self._damaged(say("its {key} makes no sense", key=_KEY + "token_type"))

    def read(self) -> Tokenizer:
        kind = self._text("model")
        kinds = {"gpt2": self._byte_level, "llama": self._sentence_piece, "bert": self._word_piece}
        if kind not in kinds:
            raise self._unknown(kind)
        with calling(self._cannot_read):
            built = kinds[kind]()
            built.add_tokens(list(self._added()))
            is_spm = kind == "llama"
            begins_with_bos = is_spm or self._text("pre") in rules.WHOLE_WORDS_FIRST
            return Tokenizer(
                built,
                bos=self._token(self._id("bos", 1 if is_spm else None)),
                eos=self._token(self._id("eos", 2 if is_spm else None)),
                adds_bos=bool(self._values.get(_KEY + "add_bos_token", begins_with_bos)),
                end_ids=[id for id in (self._id("eot"), self._id("eom")) if id is not None],
            )

    def _byte_level(self) -> tokenizers.Tokenizer:
        pre = self._text("pre") or "default"
        words = rules.word_expressions(pre)
        if words is None:
            raise self._unknown(pre)
        if (spelled := self._characters()) is not None:
            vocab = {token: id for id, token in enumerate(spelled)}
            return rules.characters(vocab, self._token(self._id("unknown")))
        return rules.byte_level(
            self._vocab(),
            self._array("merges", str),
            words,
            whole_words_first=pre in rules.WHOLE_WORDS_FIRST,
        )

    def _characters(self) -> Sequence[str] | None:
        """The tokens as they are in texts if each is a single character, else None.

        What is merged then are the bytes of a character, for which the library wants tokens too.
        """
        table, spelled = byte_of_character(), []
        for token, kind in zip(self._tokens, self._types, strict=True):
            if kind == _NORMAL:
                if not all(letter in table for letter in token):
                    return None
                character = bytes(table[letter] for letter in token).decode("utf-8", "replace")
                if len(character) != 1 or character == "\ufffd":
                    return None
                token = character
            spelled.append(token)
        return spelled

    def _sentence_piece(self) -> tokenizers.Tokenizer:
        scores = self._array("scores", float)
        if len(scores) != len(self._tokens):
            raise self._damaged(say("its {key} makes no sense", key=_KEY + "scores"))
        rows = zip(self._tokens, scores, self._types, strict=True)
        return rules.sentence_piece(
            self._vocab(),
            {token: score for token, score, kind in rows if kind == _NORMAL},
            unknown=self._token(self._id("unknown", 0)),
            begins_with_space=bool(self._values.get(_KEY + "add_space_prefix", True)),
        )

    def _word_piece(self) -> tokenizers.Tokenizer:
        vocab = {self._word_piece_name(token): id for id, token in enumerate(self._tokens)}
        lowercase = bool(self._values.get(_KEY + "normalizer.lowercase", True))
        return rules.word_piece(vocab, lowercase=lowercase)

    def _word_piece_name(self, token: str) -> str:
        # Written as SentencePiece does: words begin with "▁", what continues them has no mark.
        if token.startswith("▁"):
            return token[1:]
        return token if token.startswith("[") and token.endswith("]") else f"##{token}"

    def _vocab(self) -> dict[str, int]:
        return {token: id for id, token in enumerate(self._tokens)}

    def _added(self) -> Iterator[AddedToken]:
        if self._text("model") == "bert":
            return  # its marks are known
        for token, kind in zip(self._tokens, self._types, strict=True):
            if kind in (_UNKNOWN, _CONTROL, _USER_DEFINED):
                yield AddedToken(token, special=kind != _USER_DEFINED, normalized=False)

    def _id(self, name: str, default: int | None = None) -> int | None:
        id = self._values.get(f"{_KEY}{name}_token_id", default)
        return id if isinstance(id, int) and 0 <= id < len(self._tokens) else None

    def _token(self, id: int | None) -> str:
        return "" if id is None else self._tokens[id]

    def _text(self, name: str) -> str:
        value = self._values.get(_KEY + name)
        return value if isinstance(value, str) else ""

    def _array(self, name: str, kind: type) -> Sequence[Any]:
        value = self._values.get(_KEY + name, ())
        if not isinstance(value, tuple) or not all(type(one) is kind for one in value):
            raise self._damaged(say("its {key} makes no sense", key=_KEY + name))
        return value

    def _cannot_read(self, reason: str) -> ModelFileError:
        return self._damaged(say("its vocabulary cannot be read ({reason})", reason=reason))

    def _damaged(self, what: Sentence) -> ModelFileError:
        reason = say("Damaged: {what}; copy or download it again.", what=what)
        return ModelFileError("damaged", say("{file}: {reason}", file=self._name, reason=reason))

    def _unknown(self, kind: str) -> ModelFileError:
        reason = say(
            "Its vocabulary cuts texts in a way this program does not know ({kind}); a newer "
            "version may.",
            kind=kind,
        )
        return ModelFileError(
            "unsupported_architecture", say("{file}: {reason}", file=self._name, reason=reason)
        )
