"""How good a model is, beside what there is to beat: the table that an evaluation ends with."""

from msgspec import Struct


class Figure(Struct, frozen=True):
    """A figure and its 95 % interval, None where it has none."""

    value: float
    low: float | None = None
    high: float | None = None


class Row(Struct, frozen=True):
    """One model's figures, by name."""

    name: str
    figures: dict[str, Figure]


class Report(Struct, frozen=True, kw_only=True):
    """What was measured.

    Attributes:
        n: Examples it was measured on.
        rows: The model first, then what it is compared with; all with the same figures.
        labels: Of a classifier, its labels.
        confusion: Of a classifier, how many texts of each label (row) were given each label.
        calibration_error: Of a classifier, how far its probabilities are from the share that is
            right, on average.
    """

    n: int
    rows: tuple[Row, ...]
    labels: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    calibration_error: float | None = None
