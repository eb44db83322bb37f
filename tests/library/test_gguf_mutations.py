import os
import random
import re
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from gguf_files import write_tiny_gguf

from chatapp.errors import ModelFileError
from chatapp.library.gguf_header import read_header

N_MUTATIONS = 200
HUGE = (2**64 - 256, 2**63, 2**63 - 1, 2**40, 2**32, 2**31, 1, 0)
BIG = (2**32 - 1, 2**31, 65_536, 1025, 513, 7, 1, 0)
FRACTIONS = (float("nan"), float("inf"), -1.0, 1e38)


class Mutator:
    """Damages a sound file in ways that disks, downloads and attackers do."""

    def __init__(self, sound: bytes, n_weight_bytes: int, seed: int) -> None:
        self.sound = sound
        self.draw = random.Random(seed)
        self.head = len(sound) - n_weight_bytes
        head = sound[: self.head]
        keys = re.finditer(rb"(?:general|llama|tokenizer)\.[a-z_.]+", head)
        names = re.finditer(rb"(?:blk\.\d+|token_embd|output_norm)[a-z_.]*", head)
        self.value_places = [match.end() for match in keys]
        self.tensor_places = [match.end() for match in names]
        self.kinds: tuple[Callable[[bytearray], None], ...] = (
            self.flip_bits,
            self.byte_of_value,
            self.byte_of_tensor,
            self.huge_anywhere,
            self.huge_in_value,
            self.huge_in_tensor,
            self.big_value,
            self.odd_fraction,
            self.swap_values,
            self.cut,
            self.insert,
            self.remove,
            self.same_token_twice,
            self.nul_in_vocabulary,
            self.same_key_twice,
        )

    def mutant(self, number: int) -> tuple[str, bytes]:
        data = bytearray(self.sound)
        while data == self.sound:
            kind = self.kinds[number % len(self.kinds)]
            kind(data)
        return kind.__name__, bytes(data)

    def flip_bits(self, data: bytearray) -> None:
        for _ in range(self.draw.choice((1, 1, 2, 8))):
            data[self.draw.randrange(self.head)] ^= 1 << self.draw.randrange(8)

    def byte_of_value(self, data: bytearray) -> None:
        data[self.draw.choice(self.value_places) + self.draw.randrange(16)] = self.draw.randrange(
            256
        )

    def byte_of_tensor(self, data: bytearray) -> None:
        data[self.draw.choice(self.tensor_places) + self.draw.randrange(40)] = self.draw.randrange(
            256
        )

    def huge_anywhere(self, data: bytearray) -> None:
        struct.pack_into("<Q", data, self.draw.randrange(self.head - 8), self.draw.choice(HUGE))

    def huge_in_value(self, data: bytearray) -> None:
        place = self.draw.choice(self.value_places) + self.draw.choice((0, 4, 8))
        struct.pack_into("<Q", data, place, self.draw.choice(HUGE))

    def huge_in_tensor(self, data: bytearray) -> None:
        place = self.draw.choice(self.tensor_places) + self.draw.choice((0, 4, 12, 20, 24))
        struct.pack_into("<Q", data, place, self.draw.choice(HUGE))

    def big_value(self, data: bytearray) -> None:
        struct.pack_into("<I", data, self.draw.choice(self.value_places) + 4, self.draw.choice(BIG))

    def odd_fraction(self, data: bytearray) -> None:
        place = self.draw.choice(self.value_places) + 4
        struct.pack_into("<f", data, place, self.draw.choice(FRACTIONS))

    def swap_values(self, data: bytearray) -> None:
        here, there = self.draw.sample(self.value_places, 2)
        data[here : here + 12] = self.sound[there : there + 12]

    def cut(self, data: bytearray) -> None:
        del data[self.draw.randrange(len(data)) :]

    def insert(self, data: bytearray) -> None:
        place = self.draw.randrange(self.head)
        data[place:place] = self.draw.randbytes(self.draw.randrange(1, 9))

    def remove(self, data: bytearray) -> None:
        place = self.draw.randrange(self.head)
        del data[place : place + self.draw.randrange(1, 9)]

    def same_token_twice(self, data: bytearray) -> None:
        one, other = (b"<0x%02X>" % byte for byte in self.draw.sample(range(256), 2))
        place = data.index(one)
        data[place : place + len(one)] = other

    def nul_in_vocabulary(self, data: bytearray) -> None:
        place = data.index(b"<0x%02X>" % self.draw.randrange(256))
        data[place + self.draw.randrange(6)] = 0

    def same_key_twice(self, data: bytearray) -> None:
        one, other = self.draw.sample((b"bos_token_id", b"eos_token_id"), 2)
        place = data.index(one)
        data[place : place + len(one)] = other


@pytest.fixture(scope="module")
def mutants(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("mutants")
    sound = write_tiny_gguf(folder / "sound.gguf")
    weight_bytes = read_header(sound).weight_bytes
    mutator = Mutator(sound.read_bytes(), weight_bytes, seed=20261123)
    paths = []
    for number in range(N_MUTATIONS):
        kind, data = mutator.mutant(number)
        paths.append(folder / f"{number:03}-{kind}.gguf")
        paths[-1].write_bytes(data)
    return paths


def verdict(path: Path) -> ModelFileError | None:
    try:
        read_header(path)
    except ModelFileError as error:
        return error
    return None


def run_models(paths: list[Path]) -> tuple[int, list[str]]:
    """Run the models in a process of its own; its exit status and what it printed."""
    script = Path(__file__).with_name("run_models.py")
    done = subprocess.run(
        [sys.executable, str(script)],
        input="".join(f"{path}\n" for path in paths),
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"GGML_NO_BACKTRACE": "1"},
    )
    return done.returncode, done.stdout.splitlines()


def test_sound_file_runs(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "sound.gguf")
    assert verdict(path) is None
    assert run_models([path]) == (0, [f"start {path}", "decoded 0"])


def test_mutants_are_refused_by_name_in_plain_words_or_accepted(mutants: list[Path]) -> None:
    for path in mutants:
        error = verdict(path)
        if error is not None:
            assert str(error).startswith(f"{path.name}: ")
            assert error.code in ("damaged", "not_a_model", "unsupported_architecture")
            assert str(error).isprintable()
            assert len(str(error)) < 300


def test_most_mutants_are_refused(mutants: list[Path]) -> None:
    refused = [path for path in mutants if verdict(path) is not None]
    assert len(refused) >= 0.8 * len(mutants)


def test_no_accepted_mutant_ends_the_process_that_runs_it(mutants: list[Path]) -> None:
    accepted = [path for path in mutants if verdict(path) is None]
    assert accepted
    status, lines = run_models(accepted)
    assert status == 0, f"died of {lines[-1]}"
    assert len(lines) == 2 * len(accepted)


def test_one_token_twice_ends_llama_cpp_so_the_harness_sees_a_death(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "twice.gguf")
    path.write_bytes(path.read_bytes().replace(b"<0x41>", b"<0x42>", 1))
    assert "two tokens" in str(verdict(path))
    status, lines = run_models([path])
    assert status == -signal.SIGABRT
    assert lines == [f"start {path}"]
