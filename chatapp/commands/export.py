"""`chatapp export`: a model as a GGUF file, which any llama.cpp program runs."""

import argparse
import logging
from pathlib import Path

from chatapp import edition
from chatapp.commands.chosen_model import chosen, user_settings
from chatapp.commands.terminal import (
    ENGINE_ERROR,
    MODEL_ERROR,
    USAGE_ERROR,
    clean,
    complain,
    dump,
)
from chatapp.errors import ExportError, ModelFileError, Sentence


def run(options: argparse.Namespace) -> int:
    """Export it; the code to end with."""
    target = Path(clean(options.file)).absolute()
    if target.suffix.lower() != ".gguf":
        complain(f"{target.name} is no name of a GGUF file: it should end in .gguf.")
        return USAGE_ERROR
    if not edition.has_own_networks():
        complain(str(edition.how_to_get_own_networks()))
        return ENGINE_ERROR
    try:
        for remark in _export(_source(options.model), target, options.quantize):
            complain(str(remark))
    except (ModelFileError, ExportError) as error:
        complain(str(error))
        return MODEL_ERROR
    size = target.stat().st_size
    if options.json:
        dump({"path": str(target), "size_bytes": size})
    else:
        print(f"{target}  {size / 1e6:,.1f} MB", flush=True)
    return 0


def _source(name: str) -> Path:
    """A folder as it is named, which may hold what nobody chats with; else one of the shelf."""
    folder = Path(clean(name))
    return folder if folder.is_dir() else Path(chosen(name, user_settings()).path)


def _export(source: Path, target: Path, kind: str) -> tuple[Sentence, ...]:
    import torch

    from chatapp.weights.gguf_export import replacing, write_gguf
    from chatapp.weights.opening import open_model

    plain = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
    opened = open_model(source)
    if kind in plain:
        return write_gguf(target, opened, plain[kind])
    from chatapp.engine.quantizing import quantize_file

    # llama.cpp warns of every matrix; without a log that would all be printed.
    logging.getLogger("chatapp.engine").addHandler(logging.NullHandler())
    with replacing(target) as new:
        whole = new.with_suffix(".f32.gguf")
        remarks = write_gguf(whole, opened)
        del opened
        quantize_file(whole, new, kind)
    return remarks
