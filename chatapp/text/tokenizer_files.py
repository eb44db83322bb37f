"""The tokenizer of a folder: tokenizer.json, or the older files of GPT-2 or BERT.

Knows nothing about weights. The files are a stranger's and are bounded and checked.
"""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import tokenizers
from tokenizers import AddedToken

from chatapp.errors import say
from chatapp.text import tokenizer_rules as rules
from chatapp.text.json_file import about, damaged, read_object, read_text
from chatapp.text.tokenizer import Tokenizer, calling

_CONFIG, _GENERATION = "tokenizer_config.json", "generation_config.json"
_MAX_ID = 2**24


class FolderTokenizer(NamedTuple):
    """What a folder says about text: its tokenizer, and its chat template or ""."""

    tokenizer: Tokenizer
    chat_template: str


def read_folder_tokenizer(folder: Path) -> FolderTokenizer:
    """Read the tokenizer of a model's folder.

    Raises:
        ModelFileError: If a file of it is damaged, or there is none of a known kind.
    """
    config = _optional(folder / _CONFIG)
    path, built = _read_rules(folder, config)
    end_ids = _optional(folder / _GENERATION).get("eos_token_id", ())
    adds_bos = config.get("add_bos_token")
    with _reading(path):
        if built.get_vocab_size() == 0:
            raise damaged(path, say("it has no tokens"))
        tokenizer = Tokenizer(
            built,
            bos=_token(config, "bos_token"),
            eos=_token(config, "eos_token"),
            adds_bos=adds_bos if isinstance(adds_bos, bool) else None,
            end_ids=[id for id in _listed(end_ids) if isinstance(id, int)],
        )
    if tokenizer.n_vocab > _MAX_ID:
        raise damaged(path, say("its largest id is {n:,}", n=tokenizer.n_vocab - 1))
    return FolderTokenizer(tokenizer, _chat_template(folder, config))


def save_tokenizer(folder: Path, tokenizer: Tokenizer, chat_template: str) -> None:
    """Write what `read_folder_tokenizer` reads."""
    config = {
        "bos_token": tokenizer.bos or None,
        "eos_token": tokenizer.eos or None,
        "add_bos_token": tokenizer.adds_bos,
        "chat_template": chat_template or None,
    }
    (folder / "tokenizer.json").write_text(tokenizer.to_json(), "utf-8")
    (folder / _CONFIG).write_text(json.dumps(config, indent=2), "utf-8")
    ends = {"eos_token_id": sorted(tokenizer.end_ids)}
    (folder / _GENERATION).write_text(json.dumps(ends, indent=2), "utf-8")


def _read_rules(folder: Path, config: Mapping[str, Any]) -> tuple[Path, tokenizers.Tokenizer]:
    readers = {
        "tokenizer.json": _library_rules,
        "vocab.json": _byte_level,
        "vocab.txt": _word_piece,
    }
    for name, read in readers.items():
        path = folder / name
        if path.exists():
            with _reading(path):
                return path, read(path, config)
    raise about(
        "not_a_model",
        folder,
        say("Not a model: it has no tokenizer.json, and no vocab.json or vocab.txt."),
    )


def _reading(path: Path) -> AbstractContextManager[None]:
    """For the time in which the library works on what `path` holds."""
    return calling(
        lambda reason: damaged(path, say("it is no tokenizer ({reason})", reason=reason))
    )


def _library_rules(path: Path, _config: Mapping[str, Any]) -> tokenizers.Tokenizer:
    return tokenizers.Tokenizer.from_str(read_text(path))


def _byte_level(path: Path, config: Mapping[str, Any]) -> tokenizers.Tokenizer:
    vocab = read_object(path)
    if not all(isinstance(id, int) and 0 <= id <= _MAX_ID for id in vocab.values()):
        raise damaged(path, say("its ids are no numbers"))
    merges = read_text(path.with_name("merges.txt")).split("\n")
    merges = [line for line in merges if line and not line.startswith("#version")]
    is_qwen = str(config.get("tokenizer_class")).startswith("Qwen2")
    words = rules.word_expressions("qwen2" if is_qwen else "gpt-2") or ()
    built = rules.byte_level(vocab, merges, words)
    built.add_tokens(_added_tokens(config, "<|endoftext|>" if "<|endoftext|>" in vocab else ""))
    return built


def _word_piece(path: Path, config: Mapping[str, Any]) -> tokenizers.Tokenizer:
    pieces = read_text(path).removesuffix("\n").split("\n")
    vocab = {piece.rstrip("\r"): id for id, piece in enumerate(pieces)}
    for mark in ("[UNK]", "[CLS]", "[SEP]"):
        if mark not in vocab:
            raise damaged(path, say("its vocabulary lacks {token}", token=mark))
    accents = config.get("strip_accents")
    return rules.word_piece(
        vocab,
        lowercase=bool(config.get("do_lower_case", True)),
        strip_accents=accents if isinstance(accents, bool) else None,
    )


def _added_tokens(config: Mapping[str, Any], end: str) -> list[AddedToken]:
    """The tokens that the config adds to the vocabulary, in the order of their ids."""
    listed = config.get("added_tokens_decoder")
    rows = listed.values() if isinstance(listed, dict) else [{"content": end, "special": True}]
    return [
        AddedToken(text, special=bool(row.get("special")), normalized=False)
        for row in rows
        if isinstance(row, dict) and isinstance(text := row.get("content"), str) and text
    ]


def _chat_template(folder: Path, config: Mapping[str, Any]) -> str:
    path = folder / "chat_template.jinja"
    if path.exists():
        return read_text(path)
    template = config.get("chat_template")
    named = [row for row in _listed(template) if isinstance(row, dict)]
    default = [row.get("template") for row in named if row.get("name") == "default"]
    chosen = default[0] if default else template
    return chosen if isinstance(chosen, str) else ""


def _token(config: Mapping[str, Any], name: str) -> str:
    value = config.get(name)
    text = value.get("content") if isinstance(value, dict) else value
    return text if isinstance(text, str) else ""


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _optional(path: Path) -> dict[str, Any]:
    return read_object(path) if path.exists() else {}
