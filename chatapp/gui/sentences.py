"""Sentences of the program's other parts, said in the user's language."""

from PySide6.QtCore import QCoreApplication, QLocale

from chatapp.errors import Sentence


def translated(sentence: Sentence) -> str:
    """What `sentence` says, and whatever sentences stand inside it, in the user's language."""
    facts = {name: _shown(fact) for name, fact in sentence.facts.items()}
    # lupdate finds every `say("...")`, which have no context.
    return QCoreApplication.translate("", sentence.text).format(**facts)


class _Number(float):
    """A number that is written as the user's language writes it."""

    def __format__(self, spec: str) -> str:
        if spec.endswith("f"):
            return QLocale().toString(float(self), "f", int(spec[1:-1]))
        if spec == ",":
            return QLocale().toString(int(self))
        return str(int(self)) if self.is_integer() else str(float(self))


def _shown(fact: Sentence | str | float) -> str | _Number:
    if isinstance(fact, Sentence):
        return translated(fact)
    return fact if isinstance(fact, str) else _Number(fact)
