import subprocess
import sys
from pathlib import Path

import pytest

from chatapp.errors import DataError
from chatapp.text.detokenizer import IncrementalDetokenizer
from chatapp.text.tokenizer import Tokenizer
from chatapp.text.tokenizer_files import read_folder_tokenizer, save_tokenizer
from chatapp.training.vocabulary import Kind, learn_tokenizer

KINDS: list[Kind] = ["characters", "bpe", "wordpiece"]
TEXTS = [
    f"{verb} the {noun} {n} times, said the {other}. ¿Por qué el {noun}?\n"
    for n, verb in enumerate(("walk", "walking", "walked", "talk", "talking", "talked"))
    for noun in ("house", "houses", "mouse", "señor")
    for other in ("teacher", "reader", "runner")
]


def spelled(tokenizer: Tokenizer, text: str) -> list[str]:
    return [tokenizer.text(id) for id in tokenizer.encode(text)]


def test_each_character_is_a_token_and_any_other_is_unknown() -> None:
    tokenizer = learn_tokenizer("characters", ["ba\n", " ñ"], 3)
    assert [tokenizer.text(id) for id in range(tokenizer.n_vocab)] == [
        *("<pad>", "<bos>", "<eos>", "<unk>", "<mask>"),
        *("\n", " ", "a", "b", "ñ"),
    ]
    assert spelled(tokenizer, "a ñxyb\n") == ["a", " ", "ñ", "<unk>", "<unk>", "b", "\n"]


@pytest.mark.parametrize("kind", ["characters", "bpe"])
def test_pieces_joined_are_the_text_that_was_cut(kind: Kind) -> None:
    tokenizer = learn_tokenizer(kind, TEXTS, 400)
    text = "".join(TEXTS)
    detokenizer = IncrementalDetokenizer()
    written = [detokenizer.add(tokenizer.piece(id)) for id in tokenizer.encode(text)]
    assert "".join([*written, detokenizer.finish()]) == text


@pytest.mark.parametrize(("kind", "n_vocab"), [("bpe", 300), ("wordpiece", 50)])
def test_there_are_no_more_tokens_than_asked_for(kind: Kind, n_vocab: int) -> None:
    assert learn_tokenizer(kind, TEXTS, n_vocab).n_vocab == n_vocab


def test_bpe_spells_what_it_never_saw_and_merges_what_it_saw_often() -> None:
    tokenizer = learn_tokenizer("bpe", TEXTS, 320)
    assert tokenizer.n_vocab == 320
    assert tokenizer.decode(tokenizer.encode("日本 ☃")) == "日本 ☃"
    assert spelled(tokenizer, "walk the house") == ["walk", " the", " house"]


def test_word_pieces_are_as_bert_cuts_them() -> None:
    tokenizer = learn_tokenizer("wordpiece", TEXTS, 120)
    assert [tokenizer.text(id) for id in range(5)] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    assert spelled(tokenizer, "The HOUSE, señor") == [" the", " house", " ,", " senor"]
    assert tokenizer.encode("☃") == [tokenizer.id_of("[UNK]")]
    assert tokenizer.encode("s walks")[1:] == [tokenizer.id_of("walk"), tokenizer.id_of("##s")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_pair_stands_between_marks(kind: Kind) -> None:
    tokenizer = learn_tokenizer(kind, TEXTS, 120 if kind == "wordpiece" else 400)
    assert tokenizer.bos_id is not None
    assert tokenizer.eos_id is not None
    one, two = tokenizer.encode("the"), tokenizer.encode("house")
    begin, end = [tokenizer.bos_id], [tokenizer.eos_id]
    between = end if kind == "wordpiece" else end * 2
    assert tokenizer.encode_marked("the").ids == begin + one + end
    marked = tokenizer.encode_marked("the", "house")
    assert marked.ids == begin + one + between + two + end
    n_first = len(begin + one + end)
    assert marked.type_ids == [0] * n_first + [1] * (len(marked.ids) - n_first)


@pytest.mark.parametrize("kind", KINDS)
def test_marks_in_a_text_are_text(kind: Kind) -> None:
    tokenizer = learn_tokenizer(kind, [*TEXTS, "<[]>"], 120 if kind == "wordpiece" else 400)
    ids = tokenizer.encode("<eos> [SEP] <mask> [MASK]")
    assert not {tokenizer.eos_id, tokenizer.id_of("<mask>"), tokenizer.id_of("[MASK]")} & set(ids)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_learned_is_saved_and_read_back(kind: Kind, tmp_path: Path) -> None:
    tokenizer = learn_tokenizer(kind, TEXTS, 300)
    save_tokenizer(tmp_path, tokenizer, "")
    again = read_folder_tokenizer(tmp_path).tokenizer
    names = ("n_vocab", "bos", "eos", "bos_id", "eos_id", "adds_bos", "end_ids")
    assert all(getattr(again, name) == getattr(tokenizer, name) for name in names)
    assert again.encode_marked("".join(TEXTS), "x") == tokenizer.encode_marked("".join(TEXTS), "x")


def test_another_process_learns_the_same() -> None:
    code = (
        "import hashlib; from chatapp.training.vocabulary import learn_tokenizer;"
        f"texts = {TEXTS!r};"
        f"made = [learn_tokenizer(kind, texts, 300).to_json() for kind in {KINDS!r}];"
        "print([hashlib.sha256(one.encode()).hexdigest() for one in made])"
    )
    learned = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
        for _ in range(3)
    }
    assert len(learned) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("texts", [[], ["", " \n"]])
def test_nothing_to_learn_from_is_told(kind: Kind, texts: list[str]) -> None:
    with pytest.raises(DataError, match="nothing to learn from"):
        learn_tokenizer(kind, texts, 300)
