"""Reads the head of one GGUF file: its key-values and the table of its tensors.

Written to be shown hostile files. Nothing is read, skipped or allocated before its length was
checked against the file's size, and everything is refused that llama.cpp answers by ending its
process or that no real model has. Knows nothing about what the values mean.

Source: the gguf specification in the ggml repository; gguf.cpp and llama-vocab.cpp of llama.cpp.
"""

import stat
import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

from chatapp.errors import ErrorCode, ModelFileError, Sentence, say
from chatapp.library import gguf_types as types

MAX_ENTRIES = 65_536  # key-values, and tensors
MAX_ARRAY = 2**22  # the largest vocabularies and merge lists in use have about 600,000 entries
MAX_HEADER_BYTES = 2**26  # bounds the time a hostile file can take; real ones stay below 2**24
MAX_KEY_BYTES = 65_535
MAX_TENSOR_NAME_BYTES = 63
MAX_DIMS = 4
KEPT_ARRAY = 1024  # longer arrays are checked and skipped: one value a layer is the longest used
MIN_ALIGNMENT = 32  # llama.cpp maps weights into buffers that must begin at such an address
TOKENS_KEY = "tokenizer.ggml.tokens"

_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")

Scalar = int | float | bool | str
Value = Scalar | tuple[Scalar, ...]


class GgufError(ModelFileError):
    """A file that cannot be opened as a model; `reason` is what it says without the file's name."""

    def __init__(self, code: ErrorCode, path: Path, reason: Sentence) -> None:
        super().__init__(code, about_file(path, reason))
        self.reason = reason


def about_file(path: Path, reason: Sentence) -> Sentence:
    """What is wrong with a file, the file named."""
    return say("{file}: {reason}", file=path.name, reason=reason)


def damage(what: Sentence) -> Sentence:
    """What is wrong with a damaged file, and what to do."""
    return say("Damaged: {what}; copy or download it again.", what=what)


class Tensor(NamedTuple):
    """One row of the table of tensors; `offset` counts from the beginning of the data."""

    name: str
    shape: tuple[int, ...]
    type_name: str
    n_elements: int
    n_bytes: int
    offset: int


class GgufFile(NamedTuple):
    """The head of one file.

    `lengths` holds the number of elements of every array, `kinds` the type number of every value
    that is not an array; arrays too long to matter are not in `values`. `spells_bytes` says that
    the vocabulary has a token for each of the 256 bytes, as vocabularies of SentencePiece do.
    `data_at` is where in the file the data begins.
    """

    path: Path
    size: int
    values: dict[str, Value]
    kinds: dict[str, int]
    lengths: dict[str, int]
    tensors: tuple[Tensor, ...]
    spells_bytes: bool
    data_at: int


def read_gguf(path: Path, keep: frozenset[str] = frozenset()) -> GgufFile:
    """Read and check the head of `path`.

    Args:
        path: The file.
        keep: Keys whose arrays are wanted in `values` however long they are.

    Raises:
        GgufError: If it is missing, unreadable, no GGUF file, or damaged.
    """
    try:
        status = path.stat()  # before opening: to open a pipe is to wait for its other end
        if stat.S_ISDIR(status.st_mode):
            raise GgufError("not_a_model", path, say("Not a model: this is a folder."))
        if not stat.S_ISREG(status.st_mode):
            raise GgufError("not_a_model", path, say("Not a model: this is no ordinary file."))
        with path.open("rb", buffering=1 << 20) as file:
            return _Reader(path, file, status.st_size, keep).read()
    except struct.error:
        raise GgufError(
            "damaged",
            path,
            say("The file was cut while it was read; wait until it is complete."),
        ) from None
    except (FileNotFoundError, ValueError):  # ValueError: no file has a NUL in its name
        raise GgufError(
            "file_missing",
            path,
            say("The file is not there; it was moved, renamed or deleted."),
        ) from None
    except PermissionError:
        raise GgufError(
            "file_missing", path, say("The file may not be read; its permissions forbid it.")
        ) from None
    except OSError as error:
        raise GgufError(
            "file_missing",
            path,
            say("The file cannot be read ({reason}).", reason=str(error.strerror)),
        ) from error


class _Reader:
    """Goes through one open file once, from its beginning to the end of its head."""

    def __init__(self, path: Path, file: BinaryIO, size: int, keep: frozenset[str]) -> None:
        self._path = path
        self._file = file
        self._size = size
        self._keep = keep
        self._at = 0
        self._values: dict[str, Value] = {}
        self._kinds: dict[str, int] = {}
        self._lengths: dict[str, int] = {}
        self._spells_bytes = False

    def read(self) -> GgufFile:
        self._read_magic()
        n_tensors = self._count(say("it claims to hold {n:,} tensors"))
        n_values = self._count(say("it claims to hold {n:,} values"))
        for _ in range(n_values):
            self._read_value()
        alignment = self._alignment()
        tensors = [self._read_tensor() for _ in range(n_tensors)]
        data_at = -self._at % alignment + self._at
        self._check_places(tensors, data_at, alignment)
        return GgufFile(
            self._path,
            self._size,
            self._values,
            self._kinds,
            self._lengths,
            tuple(tensors),
            self._spells_bytes,
            data_at,
        )

    def _read_magic(self) -> None:
        if self._size == 0:
            raise self._no_model(say("the file is empty"))
        if self._size < 4 or self._take(4) != b"GGUF":
            raise self._no_model(say("it does not begin as a GGUF file does"))
        version = self._u32()
        if version in (2, 3):
            return
        if version & 0xFFFF == 0:
            raise self._no_model(say("it was written for big-endian computers; get the usual file"))
        if version == 1:
            raise self._no_model(
                say("its format is GGUF 1, which is no longer in use; get a newer file")
            )
        raise self._no_model(
            say("it says GGUF version {version}, and only 2 and 3 are known", version=version)
        )

    def _read_value(self) -> None:
        key = self._key()
        kind = self._u32()
        if kind != types.ARRAY:
            self._kinds[key] = kind
            self._values[key] = self._scalar(key, kind)
            return
        kind = self._u32()
        count = self._u64()
        if count > MAX_ARRAY:
            raise self._damaged(
                say("its list {key} claims {n:,} entries", key=_shown(key), n=count)
            )
        self._lengths[key] = count
        if kind == types.STRING:
            self._read_strings(key, count)
        else:
            self._read_numbers(key, kind, count)

    def _key(self) -> str:
        raw = self._string("a key", MAX_KEY_BYTES)
        key = raw.decode("utf-8", "replace")
        if not raw or 0 in raw:
            raise self._damaged(say("one of its keys is empty or holds a NUL"))
        if key in self._kinds or key in self._lengths:
            raise self._damaged(say("its key {key} is there twice", key=_shown(key)))
        return key

    def _scalar(self, key: str, kind: int) -> Scalar:
        if kind == types.STRING:
            return self._string(key, self._size).decode("utf-8", "replace")
        number: Scalar = self._number(key, kind).unpack(self._take(self._number(key, kind).size))[0]
        return number

    def _number(self, key: str, kind: int) -> struct.Struct:
        number = types.SCALARS.get(kind)
        if number is None:
            raise self._damaged(
                say("its key {key} has the unknown type {kind}", key=_shown(key), kind=kind)
            )
        return number

    def _read_numbers(self, key: str, kind: int, count: int) -> None:
        number = self._number(key, kind)
        raw = self._take(count * number.size)
        if count <= KEPT_ARRAY or key in self._keep:
            self._values[key] = tuple(value for (value,) in number.iter_unpack(raw))

    def _read_strings(self, key: str, count: int) -> None:
        if count * _U64.size > self._size - self._at:
            raise self._cut_short()
        strings = self._strings(key, count)
        if key == TOKENS_KEY:
            self._check_tokens(strings)
        if count <= KEPT_ARRAY or key in self._keep:
            self._values[key] = tuple(text.decode("utf-8", "replace") for text in strings)

    def _strings(self, key: str, count: int) -> list[bytes]:
        # The one hot loop: a vocabulary and its merges make 100,000 to 800,000 strings.
        read, unpack = self._file.read, _U64.unpack
        left = self._head_bytes_left()
        result = []
        for _ in range(count):
            left -= 8
            if left < 0:
                raise self._cut_short()
            (length,) = unpack(read(8))
            if length > left:
                raise self._too_long(key, length)
            left -= length
            result.append(read(length))
        self._at = min(self._size, MAX_HEADER_BYTES) - left
        return result

    def _check_tokens(self, tokens: list[bytes]) -> None:
        for index, token in enumerate(tokens):
            if 0 in token:
                raise self._damaged(say("token {n:,} of its vocabulary holds a NUL", n=index))
        # llama.cpp gives an empty token this name, and ends the process when two are the same.
        names = {token or b"[EMPTY_%d]" % index for index, token in enumerate(tokens)}
        if len(names) != len(tokens):
            raise self._damaged(say("two tokens of its vocabulary are the same"))
        self._spells_bytes = all(
            b"<0x%02X>" % byte in names or bytes([byte]) in names for byte in range(256)
        )

    def _alignment(self) -> int:
        alignment = self._values.get("general.alignment", MIN_ALIGNMENT)
        kind = self._kinds.get("general.alignment", types.U32)
        if kind != types.U32 or not isinstance(alignment, int) or alignment.bit_count() != 1:
            raise self._damaged(say("its alignment is not a power of two"))
        if alignment < MIN_ALIGNMENT:
            raise self._damaged(
                say("its alignment is {n}, less than {least}", n=alignment, least=MIN_ALIGNMENT)
            )
        return alignment

    def _read_tensor(self) -> Tensor:
        raw = self._string("a tensor's name", MAX_TENSOR_NAME_BYTES)
        if not raw or 0 in raw:
            raise self._damaged(say("one of its tensors has no name or a NUL in it"))
        name = raw.decode("utf-8", "replace")
        n_dims = self._u32()
        if not 1 <= n_dims <= MAX_DIMS:
            raise self._damaged(
                say("its tensor {tensor} has {n:,} dimensions", tensor=_shown(name), n=n_dims)
            )
        shape = struct.unpack(f"<{n_dims}Q", self._take(8 * n_dims))
        kind = self._tensor_type(name, self._u32())
        n_elements = 1
        for length in shape:
            n_elements *= length
        if not 0 < n_elements < 2**63 or shape[0] % kind.block:
            raise self._damaged(
                say("its tensor {tensor} has an impossible shape", tensor=_shown(name))
            )
        n_bytes = n_elements // kind.block * kind.block_bytes
        return Tensor(name, shape, kind.name, n_elements, n_bytes, self._u64())

    def _tensor_type(self, name: str, number: int) -> types.TensorType:
        kind = types.TENSOR_TYPES.get(number)
        if kind is not None:
            return kind
        if number in types.REMOVED_TENSOR_TYPES:
            raise self._no_model(
                say("its tensor {tensor} is packed in a way no longer in use", tensor=_shown(name))
            )
        raise self._damaged(
            say(
                "its tensor {tensor} is packed in the unknown way {n:,}",
                tensor=_shown(name),
                n=number,
            )
        )

    def _check_places(self, tensors: list[Tensor], data_at: int, alignment: int) -> None:
        names = {tensor.name for tensor in tensors}
        if len(names) != len(tensors):
            raise self._damaged(say("two of its tensors have the same name"))
        end = expected = 0
        for tensor in tensors:
            if tensor.offset != expected:
                raise self._damaged(
                    say("its tensor {tensor} is not where it should be", tensor=_shown(tensor.name))
                )
            end = tensor.offset + tensor.n_bytes
            expected = -end % alignment + end
        if tensors and data_at + end > self._size:
            raise self._damaged(
                say(
                    "the file ends at byte {size:,} of {needed:,}",
                    size=self._size,
                    needed=data_at + end,
                )
            )

    def _count(self, claim: Sentence) -> int:
        count = self._u64()
        if count > MAX_ENTRIES:
            raise self._damaged(claim.about(n=count))
        return count

    def _string(self, what: str, limit: int) -> bytes:
        length = self._u64()
        if length > limit or length > self._head_bytes_left():
            raise self._too_long(what, length)
        return self._take(length)

    def _u32(self) -> int:
        value: int = _U32.unpack(self._take(4))[0]
        return value

    def _u64(self) -> int:
        value: int = _U64.unpack(self._take(8))[0]
        return value

    def _take(self, n_bytes: int) -> bytes:
        if n_bytes > self._head_bytes_left():
            raise self._cut_short()
        self._at += n_bytes
        return self._file.read(n_bytes)

    def _head_bytes_left(self) -> int:
        return min(self._size, MAX_HEADER_BYTES) - self._at

    def _cut_short(self) -> GgufError:
        if self._size > MAX_HEADER_BYTES:
            return self._damaged(
                say("its head is longer than {limit:,} bytes", limit=MAX_HEADER_BYTES)
            )
        return self._damaged(
            say("the file ends at byte {size:,}, inside its head", size=self._size)
        )

    def _too_long(self, what: str, length: int) -> GgufError:
        return self._damaged(
            say("the text of {key} claims {n:,} bytes", key=_shown(what), n=length)
        )

    def _damaged(self, what: Sentence) -> GgufError:
        return GgufError("damaged", self._path, damage(what))

    def _no_model(self, what: Sentence) -> GgufError:
        return GgufError("not_a_model", self._path, say("Not a model: {what}.", what=what))


def _shown(name: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in name[:64])
