"""A model written as GGUF is the same model to our own reader and to llama.cpp."""

import random
from pathlib import Path
from typing import Any

import gguf_files
import pytest
import tokenizers
import torch
from foreign_models import llama as foreign_llama
from foreign_models import write_model
from tokenizers import AddedToken, decoders, models, normalizers, pre_tokenizers, trainers
from torch import nn

from chatapp.chat import GenerationParams
from chatapp.engine.backends.base import Backend
from chatapp.engine.backends.llama import load_llama
from chatapp.engine.backends.native import load_native
from chatapp.engine.quantizing import quantize_file
from chatapp.errors import ExportError
from chatapp.library.gguf_header import read_header
from chatapp.library.gguf_types import EXPORT_TYPES, FILE_TYPES
from chatapp.nn.bert import Bert, BertConfig
from chatapp.nn.gpt import GPT, GPTConfig
from chatapp.nn.llama import Llama, LlamaConfig
from chatapp.nn.rnn import RNNLM, RNNConfig
from chatapp.protocol import Load
from chatapp.text import tokenizer_rules
from chatapp.text.tokenizer import Tokenizer
from chatapp.training.vocabulary import learn_tokenizer
from chatapp.weights import gguf_export
from chatapp.weights.checkpoint import save_checkpoint
from chatapp.weights.gguf_export import write_gguf
from chatapp.weights.opened import OpenedModel
from chatapp.weights.opening import open_model

N_TOKENS = 400
STORY = (
    "The sea is salty and wide. It's 1,024 miles to the shore; they'll row 33 of them today.\n"
    "    Añade él: 'naïve Größe', Привет мир, 中文字符 👩‍👩‍👧 — and then?\n\n\tEnd.  "
)
STRANGE = "<eos> x_1 += f(22333)\r\n\n  ¿Qué tal?  <tool>ok</tool> ½ ² שלום\x00\x7f"
TEMPLATE = "{% for m in messages %}{{ m.content }}<eos>{% endfor %}"
CARD = {"name": "Tiny", "license": "cc0-1.0", "data": "A story: of the sea", "license_name": "Mine"}
GREEDY = GenerationParams(temperature=0, repeat_penalty=1.0)


def learned(*, words: Any = None) -> Tokenizer:
    """A byte-level BPE learned from a story, with marks and a token of the user's."""
    rules = tokenizer_rules.byte_level({}, [], tokenizer_rules.word_expressions("gpt-2") or ())
    if words is not None:
        rules.pre_tokenizer = words
    trainer = trainers.BpeTrainer(
        vocab_size=N_TOKENS - 5,  # the last ids of the network have no token
        special_tokens=["<pad>", "<bos>", "<eos>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    rules.train_from_iterator([STORY, STRANGE], trainer)
    rules.add_tokens([AddedToken("<tool>", special=False, normalized=False)])
    return Tokenizer(rules, bos="<bos>", eos="<eos>", adds_bos=True)


def of_characters(text: str = STORY, *, kind: type = models.BPE, marks: bool = True) -> Tokenizer:
    tokens = [*(["<eos>"] if marks else []), "<unk>", *sorted(set(text))]
    vocab = {token: id for id, token in enumerate(tokens)}
    merges = {"merges": []} if kind is models.BPE else {}
    rules = tokenizers.Tokenizer(kind(vocab, **merges, unk_token="<unk>"))
    if kind is models.WordLevel:
        rules.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    rules.decoder = decoders.Fuse()
    if marks:
        rules.add_special_tokens(["<eos>"])
    return Tokenizer(rules, eos="<eos>")


def gpt(**fields: Any) -> nn.Module:
    sizes = {"n_vocab": N_TOKENS, "block_size": 256, "n_layer": 2, "n_head": 4, "n_embd": 32}
    sizes["norm_eps"] = 2**-17  # GGUF has it in float32
    return GPT(GPTConfig(**sizes | fields))


def llama(**fields: Any) -> nn.Module:
    sizes = {
        "n_vocab": N_TOKENS, "block_size": 256, "n_layer": 2, "n_head": 4, "n_kv_head": 2,
        "n_embd": 32, "d_ff": 64, "norm_eps": 2**-17,
    }  # fmt: skip
    return Llama(LlamaConfig(**sizes | fields))


LLAMA3 = {
    "rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}  # fmt: skip
YARN = {"rope_type": "yarn", "factor": 2.0, "original_max_position_embeddings": 64}
NETWORKS: dict[str, Any] = {
    "gpt2": gpt,
    "gpt2, its head its own": lambda: gpt(tie_embeddings=False, d_ff=48),
    "llama": llama,
    "llama, tied, heads of their own size": lambda: llama(tie_embeddings=True, head_dim=12),
    "llama, biases": lambda: llama(qkv_bias=True, out_bias=True, mlp_bias=True),
    "llama, as Llama 3 stretches": lambda: llama(rope_scaling=LLAMA3, rope_base=500000.0),
    "llama, stretched": lambda: llama(rope_scaling={"rope_type": "linear", "factor": 2.0}),
    "llama, stretched by YaRN": lambda: llama(rope_scaling=YARN),
    "qwen2": lambda: llama(qkv_bias=True, tie_embeddings=True),
}

# Draws by which the likeliest token is never a close call: llama.cpp keeps its cache in float16.
CLEAR = {
    "llama": 18, "llama, tied, heads of their own size": 2, "llama, biases": 22,
    "llama, as Llama 3 stretches": 19, "llama, stretched": 22, "llama, stretched by YaRN": 10,
    "qwen2": 7,
}  # fmt: skip


def made(model: nn.Module, tokenizer: Tokenizer | None = None, seed: int = 3) -> OpenedModel:
    """A model with weights large enough for a lively text, always the same."""
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            start = 0.0 if parameter.dim() > 1 else 1.0
            parameter.copy_(start + torch.randn(parameter.shape, generator=draw) * 0.3)
    config: Any = model.config
    name = type(model).__name__.lower()
    return OpenedModel(model.eval(), config, tokenizer or learned(), TEMPLATE, CARD, name)


def greedy(backend: Backend, ids: list[int], n: int = 64) -> list[int]:
    written: list[int] = []
    backend.read(ids, lambda done, total: None)
    backend.start_sampling(GREEDY, ids)
    while len(written) < n:
        written.append(backend.sample())
        backend.step(written[-1])
    backend.close()
    return written


def check_same_words(tokenizer: Tokenizer, other: Backend) -> None:
    """Both cut texts into the same ids."""
    draw = random.Random(5)
    shuffled = ["".join(draw.sample(STORY, 40)) for _ in range(20)]
    for text in (STORY, *shuffled, *STORY.split(" ")):
        for special in (False, True):
            assert other.tokenize(text, special=special) == tokenizer.encode(text, special=special)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_checkpoint_exported_is_the_same_model_to_our_reader(tmp_path: Path, name: str) -> None:
    first = made(NETWORKS[name]())
    save_checkpoint(tmp_path / "c", first.model, first.tokenizer, chat_template=TEMPLATE, card=CARD)
    assert write_gguf(tmp_path / "m.gguf", open_model(tmp_path / "c")) == ()
    again = open_model(tmp_path / "m.gguf")
    assert again.architecture == name.partition(",")[0]
    assert again.config == first.config
    assert again.chat_template == TEMPLATE
    assert {"name": "Tiny", "license": "cc0-1.0", "data": "A story: of the sea"}.items() <= (
        again.card.items()
    )
    assert read_header(tmp_path / "m.gguf").license == "Mine"
    ours, theirs = first.model.state_dict(), again.model.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)
    tokenizer = again.tokenizer
    assert (tokenizer.bos, tokenizer.eos, tokenizer.adds_bos) == ("<bos>", "<eos>", True)
    assert tokenizer.end_ids == first.tokenizer.end_ids
    assert tokenizer.encode(STRANGE, special=True) == first.tokenizer.encode(STRANGE, special=True)
    for text in (STORY, *STORY.split(" ")):
        assert tokenizer.encode(text) == first.tokenizer.encode(text)


@pytest.mark.parametrize("name", NETWORKS)
def test_llama_cpp_writes_what_our_network_writes(tmp_path: Path, name: str) -> None:
    write_gguf(tmp_path / "m.gguf", made(NETWORKS[name](), seed=CLEAR.get(name, 3)))
    request = Load(id="1", path=str(tmp_path / "m.gguf"), n_threads=1, weights="f32")
    ours = load_native(request, lambda part: None)
    theirs = load_llama(request, lambda part: None)
    check_same_words(open_model(tmp_path / "m.gguf").tokenizer, theirs)
    assert theirs.tokenize(STRANGE, special=True) == ours.tokenize(STRANGE, special=True)
    assert (theirs.bos, theirs.eos, theirs.adds_bos) == (ours.bos, ours.eos, ours.adds_bos)
    ids = ours.tokenize("The sea is wide", special=False)
    written = greedy(ours, ids)
    assert len(set(written)) > 5, written  # no parrot
    assert greedy(theirs, ids) == written


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (pre_tokenizers.ByteLevel(add_prefix_space=False), "gpt-2"),
        (
            pre_tokenizers.Sequence(
                [
                    pre_tokenizers.Digits(individual_digits=True),
                    pre_tokenizers.ByteLevel(add_prefix_space=False),
                ]
            ),
            "smollm",
        ),
    ],
)
def test_the_rules_of_words_get_the_name_that_llama_cpp_has_for_them(
    tmp_path: Path, words: Any, name: str
) -> None:
    first = made(llama(), learned(words=words))
    write_gguf(tmp_path / "m.gguf", first)
    theirs = load_llama(Load(id="1", path=str(tmp_path / "m.gguf"), n_threads=1), lambda part: None)
    check_same_words(first.tokenizer, theirs)
    theirs.close()
    assert name.encode() in (tmp_path / "m.gguf").read_bytes()


@pytest.mark.parametrize("kind", [models.BPE, models.WordLevel])
def test_a_vocabulary_of_characters_is_one_in_llama_cpp_too(tmp_path: Path, kind: type) -> None:
    first = made(gpt(n_vocab=200), of_characters(kind=kind))
    (remark,) = write_gguf(tmp_path / "m.gguf", first)
    assert "leaves out" in str(remark)
    request = Load(id="1", path=str(tmp_path / "m.gguf"), n_threads=1, weights="f32")
    ours, theirs = (load(request, lambda part: None) for load in (load_native, load_llama))
    check_same_words(first.tokenizer, ours)
    check_same_words(first.tokenizer, theirs)
    ids = first.tokenizer.encode(STORY)
    assert b"".join(map(theirs.piece, ids)).decode() == STORY
    # <unk> stands in the middle for our network, nothing for llama.cpp.
    assert ours.tokenize("aЖe", special=False) == first.tokenizer.encode("aЖe")
    assert theirs.tokenize("aЖe", special=False) == first.tokenizer.encode("ae")
    assert greedy(ours, ids[:20]) == greedy(theirs, ids[:20])


@pytest.mark.parametrize("kind", ["characters", "bpe"])
def test_a_tokenizer_that_was_learned_here_is_the_same_in_llama_cpp(
    tmp_path: Path, kind: Any
) -> None:
    tokenizer = learn_tokenizer(kind, [STORY, STRANGE], 320)
    first = made(gpt(n_vocab=tokenizer.n_vocab), tokenizer)
    write_gguf(tmp_path / "m.gguf", first)
    theirs = load_llama(Load(id="1", path=str(tmp_path / "m.gguf"), n_threads=1), lambda part: None)
    check_same_words(tokenizer, theirs)
    assert theirs.tokenize(STRANGE, special=True) == tokenizer.encode(STRANGE, special=True)
    assert theirs.eos == "<eos>"
    theirs.close()


def test_plain_characters_without_an_end_never_end(tmp_path: Path) -> None:
    text = "to be, or not to be: that is the question"
    first = made(gpt(n_vocab=len(set(text)) + 1), of_characters(text, marks=False))
    write_gguf(tmp_path / "m.gguf", first)
    theirs = load_llama(Load(id="1", path=str(tmp_path / "m.gguf"), n_threads=1), lambda part: None)
    ends = [id for id in range(first.config.n_vocab) if theirs.is_end(id)]
    assert ends == [first.tokenizer.id_of("<unk>")]
    assert open_model(tmp_path / "m.gguf").tokenizer.end_ids == frozenset(ends)
    theirs.close()


def test_a_sentence_piece_vocabulary_is_exported(tmp_path: Path) -> None:
    gguf_files.write_tiny_gguf(tmp_path / "first.gguf")
    first = open_model(tmp_path / "first.gguf")
    write_gguf(tmp_path / "m.gguf", first)
    again = open_model(tmp_path / "m.gguf")
    theirs = [
        load_llama(Load(id="1", path=str(tmp_path / name), n_threads=1), lambda part: None)
        for name in ("first.gguf", "m.gguf")
    ]
    for text in ("the sea is here and there", "  Two, spaces", STORY, STRANGE):
        assert again.tokenizer.encode(text) == first.tokenizer.encode(text)
        expected = first.tokenizer.encode(text)
        assert [one.tokenize(text, special=False) for one in theirs] == [expected, expected]
    written = [greedy(one, [1, 270, 275], 16) for one in theirs]
    assert written[0] == written[1]


def test_a_folder_of_hugging_face_is_exported(tmp_path: Path) -> None:
    theirs = write_model(tmp_path / "hf", foreign_llama())
    write_gguf(tmp_path / "m.gguf", open_model(tmp_path / "hf"))
    again = open_model(tmp_path / "m.gguf")
    assert again.card["name"] == "m"  # it has no card
    ids = torch.arange(5, 25)[None]
    with torch.inference_mode():
        assert torch.allclose(again.model(ids), theirs(ids).logits, rtol=0, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_rounds_matrices_and_nothing_else(
    tmp_path: Path, dtype: torch.dtype
) -> None:
    first = made(gpt())
    write_gguf(tmp_path / "m.gguf", first, dtype)
    again = open_model(tmp_path / "m.gguf").model.state_dict()
    for name, tensor in first.model.state_dict().items():
        is_exact = tensor.dim() == 1 or name.startswith("position")
        assert torch.equal(again[name], tensor if is_exact else tensor.to(dtype).float()), name
    load_llama(Load(id="1", path=str(tmp_path / "m.gguf"), n_threads=1), lambda part: None).close()


@pytest.mark.parametrize("kind", ["Q8_0", "Q4_0", "Q4_K_M"])
def test_a_packed_model_is_smaller_and_writes(tmp_path: Path, kind: str) -> None:
    write_gguf(tmp_path / "m.gguf", made(llama()))
    quantize_file(tmp_path / "m.gguf", tmp_path / "q.gguf", kind)
    header = read_header(tmp_path / "q.gguf")
    assert header.quantization == kind
    assert header.weight_bytes < 0.5 * read_header(tmp_path / "m.gguf").weight_bytes
    packed = load_llama(Load(id="1", path=str(tmp_path / "q.gguf"), n_threads=1), lambda part: None)
    assert len(greedy(packed, [4, 5, 6], 8)) == 8


def test_every_type_that_is_offered_is_one_of_llama_cpp() -> None:
    assert set(EXPORT_TYPES) <= set(FILE_TYPES.values())


def of_lower_case() -> Tokenizer:
    tokenizer = learned()
    rules = tokenizers.Tokenizer.from_str(tokenizer.to_json())
    rules.normalizer = normalizers.Lowercase()
    return Tokenizer(rules, eos="<eos>")


def of_word_pieces() -> Tokenizer:
    vocab = {mark: id for id, mark in enumerate(["[UNK]", "[CLS]", "[SEP]", "the", "##s"])}
    return Tokenizer(tokenizer_rules.word_piece(vocab, lowercase=True), eos="[SEP]")


def endless() -> Tokenizer:
    tokens = sorted(set("abcdefghijklmnopqrstuvwxyz "))
    vocab = {token: id for id, token in enumerate(tokens)}
    return Tokenizer(tokenizers.Tokenizer(models.BPE(vocab, [])))


REFUSED: dict[str, tuple[Any, str]] = {
    "an RNN": (
        lambda: made(RNNLM(RNNConfig(N_TOKENS, 64, 1, 8, 8))),
        "does not know this architecture",
    ),
    "a BERT": (lambda: made(Bert(BertConfig(N_TOKENS, 64, 1, 2, 8))), "does not know this"),
    "GPT-1": (lambda: made(gpt(norm_first=False)), "knows GPT-2 only"),
    "another activation": (lambda: made(gpt(activation="relu")), "knows GPT-2 only"),
    "another YaRN": (lambda: made(llama(rope_scaling=YARN | {"beta_fast": 16.0})), "YaRN"),
    "WordPiece": (lambda: made(gpt(), of_word_pieces()), "it is of the kind WordPiece"),
    "lower case": (lambda: made(gpt(), of_lower_case()), "its rules are others"),
    "words of its own": (
        lambda: made(gpt(), learned(words=pre_tokenizers.ByteLevel(add_prefix_space=True))),
        "expressions of its own",
    ),
    "no end": (lambda: made(gpt(n_vocab=27), endless()), "no token of it ends a text"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_llama_cpp_does_not_know_is_refused_before_anything_is_written(
    tmp_path: Path, name: str
) -> None:
    make, words = REFUSED[name]
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(ExportError, match=words):
        write_gguf(folder / "m.gguf", make())
    assert not list(folder.iterdir())


def test_a_write_that_fails_leaves_the_file_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    write_gguf(folder / "m.gguf", made(gpt()))
    before = (folder / "m.gguf").read_bytes()

    def fail(*_: object) -> None:
        raise OSError("3000 requested and 17 written")

    monkeypatch.setattr(gguf_export.gguf.GGUFWriter, "write_tensor_data", fail)
    with pytest.raises(ExportError, match=r"m\.gguf cannot be written: the disk is full"):
        write_gguf(folder / "m.gguf", made(llama()))
    assert [path.name for path in folder.iterdir()] == ["m.gguf"]
    assert (folder / "m.gguf").read_bytes() == before
    with pytest.raises(ExportError, match="No such file"):
        write_gguf(tmp_path / "nowhere" / "m.gguf", made(gpt()))


def test_a_sliding_window_bounds_the_context(tmp_path: Path) -> None:
    write_gguf(tmp_path / "m.gguf", made(llama(sliding_window=32)))
    assert read_header(tmp_path / "m.gguf").n_ctx_train == 32
