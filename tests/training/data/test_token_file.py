import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from chatapp.errors import DataError
from chatapp.training.data.token_file import open_tokens, text_ids, write_tokens
from chatapp.training.vocabulary import Kind, learn_tokenizer

WORDS = "The quick brown fox, 12 dogs & naïve señores don't jump…\n\nOver  the\tlazy\r\ndog. "


@pytest.mark.parametrize(
    ("n_vocab", "dtype", "size"), [(2**16, torch.uint16, 2), (2**16 + 1, torch.uint32, 4)]
)
def test_ids_take_two_bytes_where_that_is_enough(
    tmp_path: Path, n_vocab: int, dtype: torch.dtype, size: int
) -> None:
    path = tmp_path / "ids.npy"
    assert write_tokens(path, [[0, 7], [], [n_vocab - 1]], n_vocab) == 3
    ids = open_tokens(path)
    assert (ids.dtype, ids.tolist()) == (dtype, [0, 7, n_vocab - 1])
    assert path.stat().st_size == 128 + 3 * size
    assert np.load(path).tolist() == ids.tolist()


def test_an_open_file_is_mapped_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "ids.npy"
    write_tokens(path, ([n % 60_000] * 4096 for n in range(2048)), 60_000)  # 16 MiB
    before = resident()
    ids = open_tokens(path)
    assert ids.shape == (2048 * 4096,)
    assert ids[-1].long() == 2047
    assert resident() - before < 4 * 2**20


def resident() -> int:
    """Bytes of this process that lie in memory."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def test_what_is_written_to_the_tensor_stays_out_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "ids.npy"
    write_tokens(path, [[1, 2, 3]], 10)
    open_tokens(path)[0] = 9
    assert open_tokens(path).tolist() == [1, 2, 3]


def test_a_failure_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "ids.npy"
    write_tokens(path, [[1, 2, 3]], 10)

    def failing() -> Iterator[list[int]]:
        yield [4]
        raise OSError(5, "Input/output error")

    with pytest.raises(DataError, match="cannot be written"):
        write_tokens(path, failing(), 10)
    with pytest.raises(DataError, match="nothing to learn from"):
        write_tokens(path, [[]], 10)
    assert open_tokens(path).tolist() == [1, 2, 3]
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_is_full_is_told(tmp_path: Path) -> None:
    (tmp_path / "ids.npy.new").symlink_to("/dev/full")
    with pytest.raises(DataError, match=r"ids.npy: The file cannot be written \(No space left"):
        write_tokens(tmp_path / "ids.npy", [[1]] * 100_000, 10)
    assert not (tmp_path / "ids.npy").exists()


def test_what_holds_no_ids_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ids.npy"
    with pytest.raises(DataError, match="cannot be read"):
        open_tokens(path)
    for content in (b"", b"junk", b"\x93NUMPY\x01\x00junk"):
        path.write_bytes(content)
        with pytest.raises(DataError, match="no ids"):
            open_tokens(path)
    np.save(path, np.zeros(3))
    with pytest.raises(DataError, match="no ids"):
        open_tokens(path)


@pytest.mark.parametrize("kind", ["characters", "bpe", "wordpiece"])
def test_a_text_cut_in_pieces_has_the_tokens_it_has_as_a_whole(kind: Kind) -> None:
    text = WORDS * 3_000  # several pieces
    tokenizer = learn_tokenizer(kind, [WORDS], 400)
    pieces = list(text_ids(tokenizer, [text]))
    assert len(pieces) > 2
    assert [id for piece in pieces for id in piece] == tokenizer.encode(text)


def test_a_text_without_spaces_is_cut_too() -> None:
    text = "字" * 300_000
    tokenizer = learn_tokenizer("characters", [text], 0)
    pieces = list(text_ids(tokenizer, [text]))
    assert len(pieces) > 1
    assert sum(map(len, pieces)) == 300_000


def test_each_text_is_followed_by_its_end() -> None:
    tokenizer = learn_tokenizer("characters", ["ab"], 0)
    ids = [id for piece in text_ids(tokenizer, ["ab", "", "b"], tokenizer.eos_id) for id in piece]
    assert [tokenizer.text(id) for id in ids] == ["a", "b", "<eos>", "<eos>", "b", "<eos>"]
