"""A claim by its name, measured."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from chatapp.errors import ChatAppError, TrainingError, say
from chatapp.runs.comparison import ON_DATA, Claim, ClaimName, Finding
from chatapp.runs.plot import Plot
from chatapp.training.claims.gradients import gradient_by_distance
from chatapp.training.claims.perplexity import perplexity_by_network
from chatapp.training.claims.recall import recall_by_distance
from chatapp.training.claims.side_by_side import Tell
from chatapp.training.claims.speed import speed_by_length
from chatapp.training.claims.transfer import what_transfer_buys

_PLOTS: dict[ClaimName, Callable[[], Plot]] = {
    "gradients": gradient_by_distance,
    "speed": speed_by_length,
    "recall": recall_by_distance,
}
_FINDINGS: dict[ClaimName, Callable[[Claim, Path, Tell], Finding]] = {
    "perplexity": perplexity_by_network,
    "transfer": what_transfer_buys,
}


def measure(claim: Claim, folder: Path, tell: Tell) -> Finding:
    """Measure what textbooks say.

    Args:
        claim: What.
        folder: Where models may be kept meanwhile; nothing of them stays.
        tell: Hears which network is learning.

    Raises:
        ChatAppError: If the data or a model cannot be used.
    """
    if claim.name not in ON_DATA:
        return Finding(claim=claim.name, plots=(_PLOTS[claim.name](),))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix="models-") as place:
            return _FINDINGS[claim.name](claim, Path(place), tell)
    except (ChatAppError, KeyboardInterrupt):
        with suppress(OSError):  # it was the user's before, with something in it
            folder.rmdir()
        raise
    except OSError as error:
        raise TrainingError(
            say("{path} cannot be written: {reason}.", path=str(folder), reason=str(error.strerror))
        ) from None
