"""Sentences of the program's other parts, said in the user's language."""

from PySide6.QtCore import QCoreApplication

from chatapp.errors import Sentence


def translated(sentence: Sentence) -> str:
    """What `sentence` says, and whatever sentences stand inside it, in the user's language."""
    facts = {
        name: translated(fact) if isinstance(fact, Sentence) else fact
        for name, fact in sentence.facts.items()
    }
    # lupdate finds every `say("...")`, which have no context.
    return QCoreApplication.translate("", sentence.text).format(**facts)
