import ctypes
import gzip
import json
import random
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama
import pytest
import tokenizers
import transformers

from chatapp.errors import ModelFileError
from chatapp.library.gguf_reader import read_gguf
from chatapp.text.detokenizer import IncrementalDetokenizer
from chatapp.text.tokenizer import Tokenizer
from chatapp.text.tokenizer_files import read_folder_tokenizer, save_tokenizer
from chatapp.text.tokenizer_gguf import ARRAYS, read_gguf_tokenizer

TEXTS = [
    "",
    " ",
    "   three spaces",
    "The café's naïve résumé, don't I'LL we've?",
    "tabs\tand\nlines\r\n\n\n  indented\n",
    "1234567 3.14 ½ ² Ⅷ ٣٤",
    "中文字符 日本語 한국어 ไทย हिन्दी",
    "😀👩‍👩‍👧‍👦🏳️‍🌈👍🏽 ❤️‍🔥",
    "def f(x):\n\treturn x**2 != 3  # no\n",
    "\x00\x01\x1f\x7f\x85\u00a0\u200b\u2028\u3000",
    "<|im_start|>user <|endoftext|> [MASK] [SEP]",
    "unaffable un affable UNAFFABLE!!! ##s",
    "\U0001f1e9\U0001f1ea\ufeff\ufffd",
]


def _random_text(seed: int, n_bytes: int) -> str:
    source, parts, size = random.Random(seed), [], 0
    ranges = (
        (1, 32),
        (32, 127),
        (0xA0, 0x250),
        (0x300, 0x3000),
        (0x4E00, 0x9FA5),
        (0x1F300, 0x1FAFF),
    )
    while size < n_bytes:
        if source.random() < 0.5:
            part = source.choice(TEXTS)
        else:
            start, end = source.choice(ranges)
            part = "".join(chr(source.randrange(start, end)) for _ in range(8))
        parts.append(part)
        size += len(part.encode())
    return "".join(parts)


@pytest.fixture(scope="module")
def bpe_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """GPT-2's older files, of a vocabulary learned from the texts."""
    folder = tmp_path_factory.mktemp("bpe")
    learned = tokenizers.ByteLevelBPETokenizer()
    learned.train_from_iterator(TEXTS * 3, 400, 2, special_tokens=["<|endoftext|>"])
    learned.save_model(str(folder))
    return folder


@pytest.fixture(scope="module")
def pieces_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """BERT's vocab.txt."""
    folder = tmp_path_factory.mktemp("pieces")
    letters = sorted({letter for text in TEXTS for letter in text.lower() if letter.isalnum()})
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "cafe"]
    pieces += [*letters, *(f"##{letter}" for letter in letters), *"!?.,'#*=()"]
    (folder / "vocab.txt").write_text("\n".join([*dict.fromkeys(pieces), ""]))
    return folder


def test_the_ids_of_a_byte_level_vocabulary_are_those_of_transformers(bpe_folder: Path) -> None:
    theirs = transformers.GPT2Tokenizer.from_pretrained(bpe_folder)
    ours = read_folder_tokenizer(bpe_folder).tokenizer
    for text in [*TEXTS, _random_text(1, 5000)]:
        assert ours.encode(text, special=True) == theirs.encode(text), text


def test_the_ids_of_word_pieces_are_those_of_transformers(pieces_folder: Path) -> None:
    theirs: Any = transformers.BertTokenizer.from_pretrained(pieces_folder)
    ours = read_folder_tokenizer(pieces_folder).tokenizer
    for text in TEXTS[:10] + TEXTS[11:]:
        assert ours.encode_marked(text).ids == theirs.encode(text), text
    pair = theirs("un affable", "cafe!")
    assert ours.encode_marked("un affable", "cafe!") == (pair["input_ids"], pair["token_type_ids"])


def test_windows_of_a_long_text_are_those_of_transformers(pieces_folder: Path) -> None:
    theirs: Any = transformers.BertTokenizer.from_pretrained(pieces_folder)
    ours = read_folder_tokenizer(pieces_folder).tokenizer
    long = "The unaffable café — naïve! " * 9
    windows = ours.encode_windows("un affable?", long, 24, 6)
    expected = theirs(
        *("un affable?", long),
        truncation="only_second", max_length=24, stride=6,
        return_overflowing_tokens=True, return_offsets_mapping=True,
    )  # fmt: skip
    assert len(windows) > 3
    assert [window.ids for window in windows] == expected["input_ids"]
    assert [window.type_ids for window in windows] == expected["token_type_ids"]
    for number, window in enumerate(windows):
        kinds = expected.sequence_ids(number)
        pairs = zip(kinds, expected["offset_mapping"][number], strict=True)
        assert window.places == [place if kind == 1 else None for kind, place in pairs]


def test_a_question_takes_half_a_window_at_most(pieces_folder: Path) -> None:
    tokenizer = read_folder_tokenizer(pieces_folder).tokenizer
    windows = tokenizer.encode_windows("un affable? " * 50, "cafe " * 20, 24, 6)
    assert all(window.type_ids.count(0) <= 14 for window in windows)
    assert [window.places for window in tokenizer.encode_windows("cafe", "", 24, 6)] == [[None] * 4]
    with pytest.raises(ValueError, match="no room"):
        tokenizer.encode_windows("cafe", "cafe", 10, 6)


def test_pieces_joined_are_the_text(bpe_folder: Path) -> None:
    tokenizer = read_folder_tokenizer(bpe_folder).tokenizer
    for text in TEXTS:
        detokenizer = IncrementalDetokenizer()
        written = [detokenizer.add(tokenizer.piece(id)) for id in tokenizer.encode(text)]
        assert "".join([*written, detokenizer.finish()]) == text
        assert "\ufffd" not in "".join(written) or "\ufffd" in text


def test_control_tokens_are_read_only_when_asked_for(bpe_folder: Path) -> None:
    tokenizer = read_folder_tokenizer(bpe_folder).tokenizer
    end = tokenizer.id_of("<|endoftext|>")
    assert tokenizer.encode("<|endoftext|>", special=True) == [end]
    assert len(tokenizer.encode("<|endoftext|>")) > 1
    assert end is not None
    assert (tokenizer.piece(end), tokenizer.text(end)) == (b"", "<|endoftext|>")
    assert tokenizer.is_end(end)


def test_half_a_surrogate_pair_is_no_failure(bpe_folder: Path) -> None:
    assert read_folder_tokenizer(bpe_folder).tokenizer.encode("\ud83d")


def test_a_saved_tokenizer_comes_back_the_same(bpe_folder: Path, tmp_path: Path) -> None:
    tokenizer = read_folder_tokenizer(bpe_folder).tokenizer
    save_tokenizer(tmp_path, tokenizer, "{{ messages }}")
    again = read_folder_tokenizer(tmp_path)
    text = _random_text(2, 2000)
    assert again.chat_template == "{{ messages }}"
    assert again.tokenizer.encode(text) == tokenizer.encode(text)
    assert again.tokenizer.end_ids == tokenizer.end_ids


@pytest.fixture(scope="module")
def smollm2(starter_model: Path) -> Tokenizer:
    values = read_gguf(starter_model, ARRAYS).values
    return read_gguf_tokenizer(starter_model.name, values)


@pytest.fixture(scope="module")
def vocab(starter_model: Path) -> Any:
    params = llama.llama_model_default_params()
    params.vocab_only = True
    llama.llama_backend_init()
    model = llama.llama_model_load_from_file(str(starter_model).encode(), params)
    yield llama.llama_model_get_vocab(model)
    llama.llama_model_free(model)


@pytest.mark.parametrize("special", [False, True])
def test_the_ids_of_smollm2_are_those_of_llama_cpp(
    smollm2: Tokenizer, vocab: Any, special: bool
) -> None:
    text = _random_text(3, 100_000)
    data = text.encode()
    ids = (ctypes.c_int32 * len(data))()
    n = llama.llama_tokenize(vocab, data, len(data), ids, len(data), False, special)
    assert smollm2.encode(text, special=special) == ids[:n]


def test_the_tokens_of_smollm2_are_those_of_llama_cpp(smollm2: Tokenizer, vocab: Any) -> None:
    buffer = ctypes.create_string_buffer(256)
    assert smollm2.n_vocab == llama.llama_vocab_n_tokens(vocab)
    for id in range(smollm2.n_vocab):
        n = llama.llama_token_to_piece(vocab, id, buffer, 256, 0, False)
        assert smollm2.piece(id) == buffer.raw[:n]
        assert smollm2.is_end(id) == llama.llama_vocab_is_eog(vocab, id)


def _spm(**values: Any) -> dict[str, Any]:
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    words = ["▁", "t", "h", "e", "a", "th", "▁th", "▁the", "he", "▁a"]
    kinds = [2, 3, 3, *[6] * 256, *[1] * len(words)]
    scores = [0.0] * 259 + [-9.0, -9.0, -9.0, -9.0, -9.0, -1.0, -2.0, -3.0, -4.0, -5.0]
    fields = {
        "model": "llama",
        "tokens": (*tokens, *words),
        "token_type": tuple(kinds),
        "scores": tuple(scores),
        **values,
    }
    return {f"tokenizer.ggml.{name}": value for name, value in fields.items()}


def test_sentence_pieces_are_merged_by_score_and_spell_the_rest_in_bytes() -> None:
    tokenizer = read_gguf_tokenizer("m.gguf", _spm())
    assert [tokenizer.piece(id) for id in tokenizer.encode("the a é")] == [
        *(b" the", b" a", b" "),
        *(b"\xc3", b"\xa9"),
    ]
    assert (tokenizer.bos, tokenizer.eos, tokenizer.adds_bos) == ("<s>", "</s>", True)
    without = read_gguf_tokenizer("m.gguf", _spm(add_space_prefix=False))
    assert [without.piece(id) for id in without.encode("the")] == [b"th", b"e"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"model": "rwkv"}, "rwkv"),
        ({"model": "gpt2", "pre": "unheard-of", "merges": ()}, "unheard-of"),
        ({"scores": (1.0,)}, "scores"),
        ({"token_type": (1,)}, "token_type"),
        ({"tokens": ()}, "token_type"),
        ({"model": "gpt2", "pre": "gpt-2", "merges": ("x y",)}, "vocabulary"),
    ],
)
def test_a_vocabulary_that_cannot_be_used_says_why(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ModelFileError, match=rf"m\.gguf: .*{words}"):
        read_gguf_tokenizer("m.gguf", _spm(**values))


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"\xff", b"[" * 100_000, gzip.compress(b"{}"), b'{"model": {"type": "x"}}'],
)
def test_a_damaged_tokenizer_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "tokenizer.json").write_bytes(content)
    with pytest.raises(ModelFileError, match=r"tokenizer\.json: Damaged"):
        read_folder_tokenizer(tmp_path)


def test_the_template_named_default_is_chosen(bpe_folder: Path, tmp_path: Path) -> None:
    save_tokenizer(tmp_path, read_folder_tokenizer(bpe_folder).tokenizer, "")
    templates = [{"name": name, "template": name.upper()} for name in ("tools", "default")]
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": templates}))
    assert read_folder_tokenizer(tmp_path).chat_template == "DEFAULT"
    (tmp_path / "chat_template.jinja").write_text("its own file")
    assert read_folder_tokenizer(tmp_path).chat_template == "its own file"
