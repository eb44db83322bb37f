"""Examples from files, one after the other, whatever the kind of the files."""

from collections.abc import Iterator

from chatapp.training.data.examples import Example
from chatapp.training.data.source import Source


def read_examples(source: Source) -> Iterator[Example]:
    """Read the examples of a source in their order.

    Raises:
        DataError: If a file cannot be read, or something in it is no example; file and line are
            named.
    """
    raise NotImplementedError
