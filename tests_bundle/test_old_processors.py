"""What llama.cpp computes with is chosen when the program runs, from Nehalem (2008) on.

An emulated processor has no instruction but its own: one of a later processor ends the program.
The emulator holds one process, and what that starts runs as ever. So a script of the engine's name
hands the engine to an emulator of its own, and PyInstaller's loader is told what it would else
start itself anew for.
"""

import json
import shlex
import shutil
from pathlib import Path

import pytest
from program import LOGS, choose, clean_environment, run

EMULATOR = shutil.which("qemu-x86_64")


def emulated(processor: str, program: Path) -> list[str]:
    """The command that runs a program of a bundle on a processor that is not here."""
    inside = str(program.parent / "_internal")
    variables = {
        "LD_LIBRARY_PATH": inside,
        "_PYI_APPLICATION_HOME_DIR": inside,
        "_PYI_ARCHIVE_FILE": str(program),
        "_PYI_PARENT_PROCESS_LEVEL": "-1",
    }
    given = [word for name, value in variables.items() for word in ("-E", f"{name}={value}")]
    return [str(EMULATOR), "-cpu", processor, *given, str(program)]


@pytest.mark.skipif(EMULATOR is None, reason="qemu-x86_64 is not installed (package qemu-user)")
@pytest.mark.parametrize(("processor", "library"), [("Nehalem", "sse42"), ("Haswell", "haswell")])
def test_an_old_processor_answers(
    processor: str, library: str, own_bundle: Path, home: Path
) -> None:
    engine = own_bundle / "chatapp-engine"
    real = engine.rename(own_bundle / "real-engine")
    engine.write_text(f'#!/bin/sh\nexec {shlex.join(emulated(processor, real))} "$@"\n')
    engine.chmod(0o755)
    choose(home, n_ctx=256)  # what is measured at a first start takes long here
    question = [
        "ask",
        "Hello",
        "--system",
        "",
        "--max-new-tokens",
        "4",
        "--temperature",
        "0",
        "--json",
    ]
    program = emulated(processor, own_bundle / "chatapp")
    ended = run([*program, *question], env=clean_environment(home), timeout=500)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["usage"]["completion_tokens"] == 4
    (log,) = (home / LOGS).glob("engine-*.log")
    assert f"libggml-cpu-{library}.so" in log.read_text()


def test_this_processor_computes_with_all_it_has(bundle: Path, home: Path) -> None:
    flags = set(Path("/proc/cpuinfo").read_text().split())
    ended = run([str(bundle / "chatapp"), "--self-test", "--json"], env=clean_environment(home))
    assert (ended.returncode, ended.stderr) == (0, "")
    computes_with = json.loads(ended.stdout)["report"]["llama"]
    for flag, feature in (("avx2", "AVX2"), ("avx512bw", "AVX512"), ("avx512_bf16", "AVX512_BF16")):
        assert (feature in computes_with) == (flag in flags)
