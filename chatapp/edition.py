"""Whether this edition of the program can run our own networks, and how to get one that can."""

from importlib.util import find_spec

from chatapp import __version__
from chatapp.errors import Sentence, say
from chatapp.paths import is_frozen

_PACKAGES = ("torch", "tokenizers", "safetensors", "gguf")


def has_own_networks() -> bool:
    """Whether what our own networks need is here; nothing is imported for that."""
    return all(find_spec(name) is not None for name in _PACKAGES)


def how_to_get_own_networks() -> Sentence:
    """What to tell somebody who wants what is not here."""
    if is_frozen():
        return say(
            "This is the lite edition of chatapp, without PyTorch, which running, training and "
            "exporting with its own networks needs. The full edition has it: take "
            "chatapp-{version} from where you took chatapp-lite-{version}.",
            version=__version__,
        )
    return say(
        "Own networks need PyTorch, which is not installed. “make run” installs it; by hand: "
        "pip install {packages}",
        packages=" ".join(_PACKAGES),
    )
