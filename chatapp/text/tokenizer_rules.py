"""The kinds of tokenizers that models use, put together from the parts of the `tokenizers` library.

Knows nothing about files.

Sources: Sennrich et al. 2016, arXiv:1508.07909 (BPE); Radford et al. 2019, the released encoder of
GPT-2 (byte-level BPE); Kudo and Richardson 2018, arXiv:1808.06226 (SentencePiece); Devlin et al.
2019, arXiv:1810.04805 (WordPiece); llama-vocab.cpp of llama.cpp (which names cut words alike).
"""

from collections.abc import Iterator, Mapping, Sequence

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)

_LONGEST_MERGED = 512  # characters; real tokens stay below 128, and the work grows with the square

_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"
_LETTERS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
_OTHERS = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
_LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_TEKKEN = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*|\p{{N}}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# The expressions that cut a text into words, one after the other, by the name of the way.
_WORDS = {
    "default": (r"[\p{P}$+<=>^~|]+", _GPT2, r"\p{N}+", "[0-9][0-9][0-9]"),
    "gpt-2": (_GPT2,),
    "smollm": (r"\p{N}", _GPT2),
    "llama-bpe": (_LETTERS + r"\p{N}{1,3}" + _OTHERS,),
    "qwen2": (_LETTERS + r"\p{N}" + _OTHERS,),
    "tekken": (_TEKKEN,),
    "deepseek-coder": (
        r"[\r\n]",
        r"\s?\p{L}+",
        r"\s?\p{P}+",
        "[一-龥\u0800-一가-\ud7ff]+",
        r"\p{N}",
    ),
}
_SAME_WORDS = {
    "gpt-2": ("phi-2", "olmo", "mpt", "mellum", "exaone4"),
    "smollm": ("starcoder", "refact", "command-r", "codeshell", "minerva-7b"),
    "llama-bpe": ("llama3", "llama-v3", "falcon3", "pixtral", "smaug-bpe", "dbrx"),
    "qwen2": ("deepseek-r1-qwen", "stablelm2", "megrez", "grok-2"),
}
_WAYS = {name: way for way, names in _SAME_WORDS.items() for name in names}
# Here a word that is a token is taken whole, whatever its letters would be merged to.
WHOLE_WORDS_FIRST = frozenset({"llama-bpe", "llama3", "llama-v3", "falcon3", "pixtral", "tekken"})


def word_expressions(name: str) -> Sequence[str] | None:
    """The regular expressions that cut a text into words in the way called `name`, if known."""
    return _WORDS.get(_WAYS.get(name, name))


def way_of(words: Sequence[str]) -> str | None:
    """The name of the way that cuts a text by these expressions, if it has one."""
    return next((name for name, known in _WORDS.items() if known == tuple(words)), None)


def characters(vocab: Mapping[str, int], unknown: str) -> Tokenizer:
    """Every character is a token.

    Args:
        vocab: Ids of the characters, each as it is.
        unknown: The token for any other character; "": others are left out.
    """
    return Tokenizer(models.BPE(dict(vocab), [], unk_token=unknown or None, fuse_unk=False))


def byte_level(
    vocab: Mapping[str, int],
    merges: Sequence[str],
    words: Sequence[str],
    *,
    whole_words_first: bool = False,
) -> Tokenizer:
    """Byte-pair encoding over bytes, as GPT-2 and most others do it.

    Args:
        vocab: Ids of the tokens, each byte written as a printable character.
        merges: Two tokens a line, parted by a space, the first to be merged first.
        words: The expressions that cut a text into words.
        whole_words_first: Whether a word that is a token is not merged from its letters.
    """
    parts = [(merge[: (at := merge.find(" ", 1))], merge[at + 1 :]) for merge in merges]
    rules = Tokenizer(models.BPE(dict(vocab), parts, ignore_merges=whole_words_first))
    splits = [pre_tokenizers.Split(Regex(expression), "isolated") for expression in words]
    to_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    rules.pre_tokenizer = pre_tokenizers.Sequence([*splits, to_bytes])
    rules.decoder = decoders.ByteLevel()
    return rules


def sentence_piece(
    vocab: Mapping[str, int],
    scores: Mapping[str, float],
    *,
    unknown: str,
    begins_with_space: bool,
) -> Tokenizer:
    """SentencePiece's BPE with bytes for what no token spells, as Llama 1 and 2 do it.

    Args:
        vocab: Ids of the tokens, a space written as "▁".
        scores: Of the tokens that text is merged to; the best is merged first.
        unknown: The token for what cannot be spelled, "" when there is none.
        begins_with_space: Whether a text is read as if a space came before it.
    """
    merges = list(_merges_by_score(scores))
    rules = Tokenizer(
        models.BPE(
            dict(vocab), merges, unk_token=unknown or None, fuse_unk=True, byte_fallback=True
        )
    )
    escape = normalizers.Replace(" ", "▁")
    prepend = [normalizers.Prepend("▁")] if begins_with_space else []
    rules.normalizer = normalizers.Sequence([*prepend, escape])
    rules.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    return rules


def _merges_by_score(scores: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    """Each way to make a token of two others, the tokens with the best scores first."""
    for token in sorted(scores, key=lambda token: -scores[token]):
        for cut in range(1, len(token) if len(token) <= _LONGEST_MERGED else 0):
            if token[:cut] in scores and token[cut:] in scores:
                yield token[:cut], token[cut:]


def word_piece(
    vocab: Mapping[str, int], *, lowercase: bool, strip_accents: bool | None = None
) -> Tokenizer:
    """WordPiece as BERT does it: the longest known beginning of a word, then of what is left.

    Args:
        vocab: Ids of the pieces; those within a word begin with "##". Has [UNK], [CLS] and [SEP].
        lowercase: Whether the text is lowercased.
        strip_accents: Whether accents are taken off; None means as `lowercase`.
    """
    rules = Tokenizer(models.WordPiece(dict(vocab), unk_token="[UNK]"))
    rules.normalizer = normalizers.BertNormalizer(lowercase=lowercase, strip_accents=strip_accents)
    rules.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    rules.decoder = decoders.WordPiece()
    marks = [mark for mark in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]") if mark in vocab]
    rules.add_tokens([AddedToken(mark, special=True, normalized=False) for mark in marks])
    rules.post_processor = processors.BertProcessing(
        ("[SEP]", vocab["[SEP]"]), ("[CLS]", vocab["[CLS]"])
    )
    return rules
