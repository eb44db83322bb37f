"""The native backend for models of BERT's kind: the mean of what each token of a text means.

Knows nothing about events or files.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from chatapp.engine.backends.base import BackendInfo, Cancelled
from chatapp.engine.backends.processor import usable_threads
from chatapp.errors import EngineError, say
from chatapp.nn.bert import Bert, mean_pool
from chatapp.nn.onednn import use_onednn
from chatapp.nn.quantized import weight_bytes
from chatapp.protocol import Load
from chatapp.weights.opened import OpenedModel

_N_BATCH = 16  # texts that are read at once


def encoder_of(model: nn.Module) -> Bert | None:
    """The encoder in a model of BERT's kind, with or without a head; None in all others."""
    inner = getattr(model, "bert", model)
    return inner if isinstance(inner, Bert) else None


class NativeEncoder:
    """One encoder of ours; see `Encoder` for what its methods promise.

    Args:
        encoder: The network, which is moved in place. Small as encoders are, their weights are not
            rounded to integers.
        opened: What it came with.
        request: What the user chose.
    """

    def __init__(self, encoder: Bert, opened: OpenedModel, request: Load) -> None:
        is_on_gpu = torch.cuda.is_available() and request.n_gpu_layers != 0
        self._device = torch.device("cuda" if is_on_gpu else "cpu")
        self._encoder = use_onednn(encoder.requires_grad_(False)).to(self._device)
        self._tokenizer = opened.tokenizer
        self._is_stopping = False
        config = encoder.config
        n_threads = request.n_threads_batch or usable_threads()
        torch.set_num_threads(n_threads)
        self.info = BackendInfo(
            name=opened.card.get("name") or Path(request.path).stem,
            architecture=opened.architecture,
            backend="native",
            build=f"torch {torch.__version__}",
            device=torch.cuda.get_device_name() if is_on_gpu else "CPU",
            n_ctx=min(request.n_ctx or config.block_size, config.block_size),
            n_ctx_train=config.block_size,
            n_vocab=config.n_vocab,
            n_threads=n_threads,
            n_gpu_layers=config.n_layer + 1 if is_on_gpu else 0,
            flash_attention=True,
            memory_bytes=weight_bytes(encoder),
            weights="bf16" if encoder.norm.weight.dtype == torch.bfloat16 else "f32",
        )
        for block in encoder.blocks:
            block.register_forward_pre_hook(self._check_stop)

    @torch.inference_mode()
    def embed(self, texts: Sequence[str]) -> Iterator[list[list[float]]]:
        """Make a vector of each text; no text is cut short."""
        rows = [self._ids(text) for text in texts]
        for start in range(0, len(rows), _N_BATCH):
            self._check_stop()
            batch = [torch.tensor(ids) for ids in rows[start : start + _N_BATCH]]
            ids = nn.utils.rnn.pad_sequence(batch, batch_first=True).to(self._device)  # (B, T)
            lengths = torch.tensor([len(one) for one in batch], device=self._device)
            mask = torch.arange(ids.shape[1], device=self._device) < lengths[:, None]  # (B, T)
            vectors = mean_pool(self._encoder(ids, mask=mask).float(), mask)  # (B, C)
            yield vectors.tolist()

    def cancel(self) -> None:
        """Stop `embed`; from any thread."""
        self._is_stopping = True

    def clear_cancel(self) -> None:
        """Forget a stop that was asked for."""
        self._is_stopping = False

    def close(self) -> None:
        """Free the model."""
        del self._encoder

    def _ids(self, text: str) -> list[int]:
        ids = self._tokenizer.encode_marked(text).ids
        if len(ids) > self.info.n_ctx:
            raise EngineError(
                "context_too_long",
                say(
                    "A text has {needs:,} tokens and the model reads {limit:,} at most. Shorten "
                    "it, or cut it into parts.",
                    needs=len(ids),
                    limit=self.info.n_ctx,
                ),
                needs=len(ids),
                limit=self.info.n_ctx,
            )
        return ids

    def _check_stop(self, *_: Any) -> None:
        """Look at the flag: between batches, and before each layer."""
        if self._is_stopping:
            raise Cancelled
