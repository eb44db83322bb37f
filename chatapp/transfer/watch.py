"""How a long piece of work tells how far it is, and is told to stop."""

from collections.abc import Callable

from msgspec import Struct


class CancelledError(Exception):
    """The user had enough; never shown."""


def _ignore(_: float) -> None:
    """For work that nobody looks at."""


class Watch(Struct):
    """What the one who started the work may see and do while it runs.

    Attributes:
        tell: Is called with the fraction done, at most a thousand times.
        is_cancelled: Whether the work is to end; asked often.
    """

    tell: Callable[[float], None] = _ignore
    is_cancelled: Callable[[], bool] = lambda: False
    _told: int = -1

    def step(self, fraction: float) -> None:
        """Say how far the work is.

        Raises:
            CancelledError: If it is to end.
        """
        if self.is_cancelled():
            raise CancelledError
        thousandths = int(min(fraction, 1.0) * 1000)
        if thousandths > self._told:
            self._told = thousandths
            self.tell(thousandths / 1000)
