"""The loop: draw a batch, measure the loss, follow the gradient; look, write down, keep.

It depends on nothing but the seed and the step, so that a run that went on after a power cut equals
one that was never cut.
"""

import logging
import math
import time
from collections.abc import Callable
from typing import Literal, TypeVar

import torch
from msgspec import structs
from torch import nn

from chatapp.errors import Sentence, TrainingError, say
from chatapp.runs.recipe import Training
from chatapp.runs.run_folder import Metric, RunFolder, State, Status
from chatapp.training import workers
from chatapp.training.blocks import checkpoint_gradients
from chatapp.training.checkpoints import Progress, load_progress, save_progress
from chatapp.training.memory import give_back, is_out
from chatapp.training.objectives.base import Batch, Loss, Objective
from chatapp.training.optimizer import learning_rate, make_optimizer

_log = logging.getLogger(__name__)

_STATUS_SECONDS = 1.0  # between two words on how far it has come
_TRIM_SECONDS = 0.5  # between two times that freed memory is given back
_LOOK_STEPS = 10  # between two looks at the folder, of several processes
_LOG_SECONDS = 2.0  # between two lines of metrics, and at least _LOG_STEPS a run
_LOG_STEPS = 400
_PROBES = 4

Outcome = Literal["paused", "stopped", "done"]
_OUTCOMES: dict[str, Outcome] = {"pause": "paused", "stop": "stopped", "time": "done"}
_T = TypeVar("_T")
OnMetric = Callable[[Metric, float], None]


def ignore(metric: Metric, seconds_left: float) -> None:
    """Nobody is told."""


class Trainer:
    """Trains one model in one folder.

    Args:
        model: The network, where it is to be trained; what of it learns requires a gradient.
        objective: What it learns.
        options: How.
        folder: Where everything is written.
        on_metric: Called with each line of figures and the seconds left.

    Raises:
        TrainingError: If the network cannot be trained so.
    """

    def __init__(
        self,
        model: nn.Module,
        objective: Objective,
        options: Training,
        folder: RunFolder,
        on_metric: OnMetric = ignore,
    ) -> None:
        if options.gradient_checkpointing:
            checkpoint_gradients(model)
        self._model = model
        self._wrapped = workers.wrap(model)
        self._objective = objective
        self._options = options
        self._folder = folder
        self._on_metric = on_metric
        self._optimizer = make_optimizer(model, options)
        self._parameters = [one for one in model.parameters() if one.requires_grad]
        self._device = next(model.parameters()).device
        self._progress = Progress()
        self._n_tokens = 0  # since the last line of metrics
        self._looked_at = self._logged_at = self._saved_at = self._began_at = 0.0
        self._trimmed_at = 0.0
        self._seconds_before = 0.0

    def run(self) -> Outcome:
        """Train until the end, or until somebody asks for a pause or a stop.

        Raises:
            TrainingError: If the loss is no number any more, or memory does not suffice.
            OSError: If the disk is full. In all these cases the last checkpoint holds.
        """
        self._begin()
        options = self._options
        while (step := self._progress.step) < options.max_steps and not self._has_stalled():
            self._update(step)
            self._progress = structs.replace(self._progress, step=step + 1, seconds=self._seconds())
            self._log_metric()
            is_last = step + 1 == options.max_steps
            if (step + 1) % options.eval_interval == 0 or is_last:
                self._evaluate()
            if (request := self._look()) is None:
                continue
            if request != "pause" and (step + 1) % options.eval_interval and not is_last:
                self._evaluate()  # what was learned since the last time may be the best
            self._save()
            return _OUTCOMES[request]
        self._save()
        return "done"

    def halt(self) -> Outcome:
        """Train no more: the best of what was learned until the last checkpoint is what came out.

        Raises:
            TrainingError: If there is none.
        """
        best = load_progress(self._folder.best, self._model)
        self._progress = load_progress(self._folder.last, self._model)
        if best.step >= self._progress.step:  # written more often
            self._progress = best
        elif not self._is_evaluated():
            self._evaluate()
        return "stopped"

    def _is_evaluated(self) -> bool:
        step = self._progress.step
        return any(one.step == step and one.evaluation for one in self._folder.metrics())

    def update_only(self, n: int) -> None:
        """Make `n` updates without looking, writing or keeping anything: to be measured."""
        options = self._options
        self._progress = Progress(
            precision="f32" if options.precision == "auto" else options.precision,
            micro_batch=options.micro_batch or options.batch_size,
        )
        self._model.train()
        for step in range(n):
            self._update(step)

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        return self._progress

    def load_best(self) -> None:
        """Put the model where the loss of what is held out was least."""
        if self._folder.best.exists():
            load_progress(self._folder.best, self._model)

    def _begin(self) -> None:
        """Go on from the checkpoint, or measure the untrained model and write the first one."""
        # The first one says: it may have written the checkpoint before the others look.
        is_new = workers.told("" if self._folder.last.exists() else "new") == "new"
        if not is_new:
            self._progress = load_progress(self._folder.last, self._model, self._optimizer)
        if workers.is_first():
            self._folder.forget_after(-1 if is_new else self._progress.step)
        if is_new:
            options = self._options
            self._progress = Progress(micro_batch=options.micro_batch or options.batch_size)
            precision: str = options.precision
            if precision == "auto":
                precision = workers.told(self._fitting(self._faster)) or "f32"
            self._progress = structs.replace(self._progress, precision=precision)
        self._seconds_before = self._progress.seconds
        self._began_at = self._logged_at = time.monotonic()
        if is_new:
            self._evaluate()
            self._save()
        self._saved_at = time.monotonic()
        self._model.train()

    def _has_stalled(self) -> bool:
        return 0 < self._options.patience <= self._progress.n_worse

    def _update(self, step: int) -> None:
        options = self._options
        rate = learning_rate(step, options)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        batch = workers.own_rows(self._objective.batch(step))
        # Dropout draws the same whether the run was cut before this step or not.
        torch.manual_seed(options.seed * 1_000_003 + step * 1_009 + workers.rank())
        total, count = self._fitting(lambda: self._sum_gradient(batch))
        if not math.isfinite(total):
            raise TrainingError(_no_number(step))
        norm = self._clip(count)
        if not math.isfinite(norm):
            raise TrainingError(_no_number(step))
        self._optimizer.step()
        progress = self._progress
        self._progress = structs.replace(
            progress, total=progress.total + total, n_counted=progress.n_counted + count
        )
        self._n_tokens += batch["ids"].numel() * workers.n_workers()
        self._last_rate, self._last_norm = rate, norm

    def _fitting(self, compute: Callable[[], _T]) -> _T:
        """Compute with as few examples at a time as memory needs: half of them when it runs out."""
        while True:
            try:
                return compute()
            except (RuntimeError, MemoryError) as error:
                if not is_out(error):
                    raise
                # The processes that share a divided model must all take as many parts.
                if self._progress.micro_batch == 1 or workers.is_divided(self._model):
                    raise TrainingError(_no_memory(self._progress.micro_batch)) from error
            smaller = self._progress.micro_batch // 2
            _log.warning("memory ran out: %d examples at a time", smaller)
            self._progress = structs.replace(self._progress, micro_batch=smaller)

    def _sum_gradient(self, batch: Batch) -> tuple[float, float]:
        """Sum the gradient of a batch, some examples at a time; its loss and count."""
        self._optimizer.zero_grad(set_to_none=True)
        sums = torch.zeros(2, dtype=torch.float64)
        parts = _split(batch, self._progress.micro_batch)
        for number, part in enumerate(parts):
            with workers.gradients_shared(self._wrapped, number == len(parts) - 1):
                loss = self._loss(part, self._progress.precision)
                loss.total.backward()  # type: ignore[no-untyped-call]
            sums += torch.tensor([loss.total.item(), loss.n_counted.item()], dtype=torch.float64)
            self._trim()
        total, count = workers.summed(sums).tolist()
        return total, count

    def _trim(self) -> None:
        now = time.monotonic()
        if now - self._trimmed_at >= _TRIM_SECONDS:
            give_back()
            self._trimmed_at = now

    def _loss(self, batch: Batch, precision: str) -> Loss:
        on_device = {name: one.to(self._device) for name, one in batch.items()}
        is_bf16 = precision == "bf16"
        with torch.autocast(self._device.type, torch.bfloat16, enabled=is_bf16):
            return self._objective.loss(self._wrapped, on_device)

    def _clip(self, count: float) -> float:
        """Make the summed gradient the mean one and clip it; its length before that."""
        gradients = [one.grad for one in self._parameters if one.grad is not None]
        # Of several processes each holds the mean of their sums.
        scale = workers.n_workers() / max(count, 1.0)
        norm = workers.whole(torch.nn.utils.get_total_norm(gradients)).item() * scale
        limit = self._options.grad_clip
        if limit and norm > limit:
            scale *= limit / (norm + 1e-6)
        torch._foreach_mul_(gradients, scale)
        return norm

    def _faster(self) -> str:
        """Try which type of numbers is faster here: the median of a few gradients each."""
        if next(self._model.parameters()).dtype == torch.bfloat16:  # weights that stay as they are
            return "bf16"
        if not workers.has_bf16(self._device):
            return "f32"
        self._model.train()
        batch = workers.own_rows(self._objective.batch(0))
        part = _split(batch, self._progress.micro_batch)[0]
        times: dict[str, list[float]] = {"f32": [], "bf16": []}
        for _ in range(_PROBES):
            for precision, taken in times.items():
                start = time.perf_counter()
                self._loss(part, precision).total.backward()  # type: ignore[no-untyped-call]
                taken.append(time.perf_counter() - start)
        self._optimizer.zero_grad(set_to_none=True)
        return "bf16" if sorted(times["bf16"])[1] < 0.95 * sorted(times["f32"])[1] else "f32"

    def _log_metric(self) -> None:
        now, progress = time.monotonic(), self._progress
        is_due = now - self._logged_at >= _LOG_SECONDS
        every = max(1, self._options.max_steps // _LOG_STEPS)
        if not is_due and progress.step % every:
            return
        self._add_metric(
            Metric(
                step=progress.step,
                seconds=progress.seconds,
                loss=progress.total / max(progress.n_counted, 1.0),
                learning_rate=self._last_rate,
                grad_norm=self._last_norm,
                tokens_per_second=self._n_tokens / max(now - self._logged_at, 1e-9),
            )
        )
        self._progress = structs.replace(progress, total=0.0, n_counted=0.0)
        self._n_tokens, self._logged_at = 0, now

    def _evaluate(self) -> None:
        """Measure what is held out, keep the best, write samples."""
        began = time.monotonic()
        self._model.eval()
        step = self._progress.step
        with workers.put_together(self._model), torch.inference_mode():
            figures = self._objective.evaluate(self._model)
            samples = self._objective.samples(self._model, step, self._options.n_samples)
        self._model.train()
        give_back()
        # The first one says: what follows they must all do.
        is_better = figures["loss"] < self._progress.best_loss
        is_best = workers.told("best" if is_better else None) == "best"
        self._progress = structs.replace(
            self._progress,
            best_loss=figures["loss"] if is_best else self._progress.best_loss,
            n_worse=0 if is_best else self._progress.n_worse + 1,
        )
        if workers.is_first():
            for sample in samples:
                self._folder.add_sample(sample)
        if is_best:
            save_progress(self._folder.best, self._model, None, self._progress)
        self._add_metric(Metric(step=step, seconds=self._progress.seconds, evaluation=figures))
        self._logged_at += time.monotonic() - began  # it is no time of training tokens

    def _add_metric(self, metric: Metric) -> None:
        if workers.is_first():
            self._folder.add_metric(metric)
            self._on_metric(metric, self._seconds_left())

    def _look(self) -> str | None:
        """Say how far it has come, and hear what is asked; "time" when that is up."""
        now, options = time.monotonic(), self._options
        # Several processes must look at the same step, for they tell each other.
        if workers.n_workers() > 1 and self._progress.step % _LOOK_STEPS:
            return None
        request: str | None = None
        if workers.is_first():
            if now - self._looked_at >= _STATUS_SECONDS:
                self.say("running")
                self._looked_at = now
            is_over = options.max_minutes and self._progress.seconds > 60 * options.max_minutes
            request = "time" if is_over else self._folder.take_request()
            if request is None and now - self._saved_at >= 60 * options.checkpoint_minutes:
                request = "save"
        request = workers.told(request)
        if request != "save":
            return request
        self._save()
        return None

    def say(self, state: State) -> None:
        """Write what the run does into its folder."""
        progress, options = self._progress, self._options
        self._folder.write_status(
            Status(
                state=state,
                step=progress.step,
                max_steps=options.max_steps,
                seconds=progress.seconds,
                seconds_left=self._seconds_left() if state == "running" else 0.0,
            )
        )

    def _save(self) -> None:
        self._saved_at = time.monotonic()
        save_progress(self._folder.last, self._model, self._optimizer, self._progress)

    def _seconds_left(self) -> float:
        progress, options = self._progress, self._options
        n_left = options.max_steps - progress.step
        left = progress.seconds / max(progress.step, 1) * n_left
        if options.max_minutes:
            left = min(left, max(0.0, 60 * options.max_minutes - progress.seconds))
        return left

    def _seconds(self) -> float:
        return self._seconds_before + time.monotonic() - self._began_at


def _split(batch: Batch, n_rows: int) -> list[Batch]:
    n_all = len(next(iter(batch.values())))
    return [
        {name: one[start : start + n_rows] for name, one in batch.items()}
        for start in range(0, n_all, n_rows)
    ]


def _no_memory(n_rows: int) -> Sentence:
    return say(
        "Memory ran out, with {n:,} of the examples taken at a time. Make micro_batch, their "
        "length or the model smaller, and train anew.",
        n=n_rows,
    )


def _no_number(step: int) -> Sentence:
    return say(
        "The loss is no number any more at step {step:,}. The last checkpoint is from before. Try "
        "a lower learning rate, more warm-up steps, or a tighter limit on the gradient "
        "(grad_clip).",
        step=step,
    )
