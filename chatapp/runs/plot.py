"""Curves to be drawn: what a comparison ends with."""

from msgspec import Struct

from chatapp.errors import Sentence


class Curve(Struct, frozen=True):
    """One line of a plot."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]


class Plot(Struct, frozen=True, kw_only=True):
    """Curves with the same axes.

    Attributes:
        title: What is shown.
        x_label: With its unit.
        y_label: With its unit.
        curves: Of each network.
        is_log: Whether the values of y are seen by their powers of ten.
        note: How it was measured, in a sentence or two.
    """

    title: Sentence
    x_label: Sentence
    y_label: Sentence
    curves: tuple[Curve, ...]
    is_log: bool = False
    note: Sentence | None = None
