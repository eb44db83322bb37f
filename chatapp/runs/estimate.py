"""What a run will take, found out before it begins."""

from msgspec import Struct


class Estimate(Struct, frozen=True, kw_only=True):
    """What a run will take.

    Attributes:
        n_parameters: Numbers in the network.
        n_learning: Those of them that are learned.
        n_train: Tokens or examples to learn from.
        n_validation: Tokens or examples held out.
        seconds_per_step: Measured on a few updates, without evaluations.
        seconds: The whole run.
        memory_bytes: The most that was held while measuring.
    """

    n_parameters: int
    n_learning: int
    n_train: int
    n_validation: int
    seconds_per_step: float
    seconds: float
    memory_bytes: int
