"""Tokenizers learned from texts: characters, byte-level BPE, WordPiece.

The same texts in the same order give the same ids.

Sources: Sennrich et al. 2016, arXiv:1508.07909 (BPE); Radford et al. 2019 (over bytes); Devlin et
al. 2019, arXiv:1810.04805 (WordPiece); Liu et al. 2019, arXiv:1907.11692 (pairs of texts in BPE).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from tokenizers import AddedToken, processors, trainers
from tokenizers import Tokenizer as Rules

from chatapp.errors import DataError, say
from chatapp.text import tokenizer_rules
from chatapp.text.tokenizer import Tokenizer, byte_of_character

Kind = Literal["characters", "bpe", "wordpiece"]

_MARKS = ("<pad>", "<bos>", "<eos>", "<unk>", "<mask>")
_MOST_LETTERS = 1_000  # as many as the library's own trainers take
_BERT_MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def learn_tokenizer(kind: Kind, texts: Iterable[str], n_vocab: int) -> Tokenizer:
    """Learn the tokens of texts.

    Characters and BPE have <pad>, <bos>, <eos>, <unk> and <mask>; `encode_marked` writes
    <bos> text <eos>, or <bos> text <eos> <eos> pair <eos> as RoBERTa does. WordPiece has BERT's
    [PAD], [UNK], [CLS], [SEP] and [MASK], is uncased, and begins with [CLS] and ends with [SEP].
    The padding is always id 0.

    Args:
        kind: characters: each character of the texts is a token, any other <unk>. bpe: over bytes,
            as GPT-2's. wordpiece: as BERT's.
        texts: To learn from.
        n_vocab: How many tokens at most; characters are always all, and bytes.

    Raises:
        DataError: If the texts are empty.
    """
    rules = _LEARNERS[kind](_some(texts), n_vocab)
    bos, eos = ("[CLS]", "[SEP]") if kind == "wordpiece" else ("<bos>", "<eos>")
    return Tokenizer(rules, bos=bos, eos=eos, adds_bos=False)


def _learn_characters(texts: Iterator[str], _n_vocab: int) -> Rules:
    characters: set[str] = set()
    for text in texts:
        characters.update(text)
    vocab = {token: id for id, token in enumerate([*_MARKS, *sorted(characters)])}
    rules = tokenizer_rules.characters(vocab, "<unk>")
    rules.add_tokens([_mark(token) for token in _MARKS])
    rules.post_processor = _as_roberta(vocab)
    return rules


def _learn_bpe(texts: Iterator[str], n_vocab: int) -> Rules:
    rules = tokenizer_rules.byte_level({}, [], tokenizer_rules.word_expressions("gpt-2") or ())
    trainer = trainers.BpeTrainer(
        vocab_size=n_vocab,
        special_tokens=[_mark(token) for token in _MARKS],
        initial_alphabet=sorted(byte_of_character()),
        show_progress=False,
    )
    rules.train_from_iterator(texts, trainer)
    rules.post_processor = _as_roberta(rules.get_vocab())
    return rules


def _learn_word_pieces(texts: Iterator[str], n_vocab: int) -> Rules:
    marks = {token: id for id, token in enumerate(_BERT_MARKS)}
    rules = tokenizer_rules.word_piece(marks, lowercase=True)
    known = list(texts)
    # The trainer numbers the letters by the order of a hash table, another one in each process, and
    # takes the lower number of two pieces that are as frequent. As special tokens they have theirs.
    letters = [_mark(token) for token in (*_BERT_MARKS, *_letters(rules, known))]
    trainer = trainers.WordPieceTrainer(
        vocab_size=n_vocab, special_tokens=letters, limit_alphabet=0, show_progress=False
    )
    rules.train_from_iterator(known, trainer)
    return tokenizer_rules.word_piece(rules.get_vocab(), lowercase=True)


def _letters(rules: Rules, texts: Iterable[str]) -> list[str]:
    """The most frequent letters, and again with "##" before them those that are within words."""
    words: Counter[str] = Counter()
    for line in (line for text in texts for line in text.splitlines()):
        cut = rules.pre_tokenizer.pre_tokenize_str(rules.normalizer.normalize_str(line))
        words.update(word for word, _ in cut)
    found: Counter[str] = Counter()
    for word, n in words.items():
        for letter in word:
            found[letter] += n
    frequent = sorted(found, key=lambda letter: (-found[letter], letter))[:_MOST_LETTERS]
    inner = {letter for word in words for letter in word[1:]}
    return sorted(frequent) + [f"##{letter}" for letter in sorted(inner.intersection(frequent))]


_LEARNERS: dict[Kind, Callable[[Iterator[str], int], Rules]] = {
    "characters": _learn_characters,
    "bpe": _learn_bpe,
    "wordpiece": _learn_word_pieces,
}


def _mark(token: str) -> AddedToken:
    return AddedToken(token, special=True, normalized=False)


def _as_roberta(vocab: Mapping[str, int]) -> processors.TemplateProcessing:
    return processors.TemplateProcessing(
        single="<bos> $A <eos>",
        pair="<bos> $A <eos> <eos>:1 $B:1 <eos>:1",
        special_tokens=[(token, vocab[token]) for token in ("<bos>", "<eos>")],
    )


def _some(texts: Iterable[str]) -> Iterator[str]:
    """The texts.

    Raises:
        DataError: At the end, if nothing was in them.
    """
    is_empty = True
    for text in texts:
        is_empty = is_empty and not text.strip()
        yield text
    if is_empty:
        raise DataError(say("There is nothing to learn from in these files."))
