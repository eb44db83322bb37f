"""Tokenizers learned from texts: characters, byte-level BPE, WordPiece.

The same texts in the same order give the same ids.
"""

from collections.abc import Iterable
from typing import Literal

from chatapp.text.tokenizer import Tokenizer

Kind = Literal["characters", "bpe", "wordpiece"]


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
        n_vocab: How many tokens at most; characters are always all.

    Raises:
        DataError: If the texts are empty.
    """
    raise NotImplementedError
