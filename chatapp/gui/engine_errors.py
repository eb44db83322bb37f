"""What each failure of the engine is called, and the buttons that help. The one table of it."""

from typing import NamedTuple

from PySide6.QtCore import QObject

from chatapp.errors import ErrorCode
from chatapp.gui.sentences import translated
from chatapp.protocol import Error

Action = tuple[str, str]  # name and label

# What llama.cpp may get over where our own networks fail.
_LLAMA_HELPS = (
    "not_a_model",
    "damaged",
    "unsupported_architecture",
    "not_enough_memory",
    "bad_request",
    "engine_died",
    "engine_silent",
    "internal",
)


class Failure(NamedTuple):
    """What the error card shows, and whether something is broken or only waits for the user."""

    title: str
    text: str
    actions: tuple[Action, ...]
    details: str = ""
    is_broken: bool = True


class EngineErrors(QObject):
    """Puts failures into words.

    Actions: `retry` writes the reply again, starting the engine where it has to be;
    `shorter_context` loads the model with half the context first; `use_llama` has llama.cpp run it
    from now on; `models_page` opens the models; `edit` takes the message back into the prompt.
    """

    def explain(self, error: Error, details: str = "", *, is_native: bool = False) -> Failure:
        """The words and buttons for what the engine said; `is_native` if our own networks ran."""
        title, actions = self._table()[error.code]
        if is_native and error.code in _LLAMA_HELPS:
            actions = (("use_llama", self.tr("Use llama.cpp")), *actions)
        if is_native and error.code in ("bad_request", "unsupported_architecture"):
            title = self.tr("Our own networks cannot run this model.")
        return Failure(title, translated(error.message), actions, details)

    def unanswered(self) -> Failure:
        """For a conversation that ends with a message of the user."""
        return Failure(
            self.tr("This message has no reply yet."),
            self.tr("Nobody is writing one. You can have it answered now."),
            (("retry", self.tr("Answer it now")), ("edit", self.tr("Change the message"))),
            is_broken=False,
        )

    def not_saved(self, text: str) -> Failure:
        """For a history that could not be written or read."""
        return Failure(self.tr("The history has a problem."), text, ())

    def _table(self) -> dict[ErrorCode, tuple[str, tuple[Action, ...]]]:
        again: Action = ("retry", self.tr("Try again"))
        start: Action = ("retry", self.tr("Start again"))
        shorter: Action = ("shorter_context", self.tr("Use a shorter context"))
        other: Action = ("models_page", self.tr("Choose another model"))
        edit: Action = ("edit", self.tr("Shorten the message"))
        return {
            "file_missing": (self.tr("The model's file is gone."), (other, again)),
            "not_a_model": (self.tr("This file is not a model."), (other,)),
            "damaged": (self.tr("The model's file is damaged."), (other, again)),
            "unsupported_architecture": (
                self.tr("This model is too new for this version."),
                (other,),
            ),
            "not_enough_memory": (
                self.tr("There is not enough memory for this model."),
                (shorter, other, again),
            ),
            "context_too_long": (
                self.tr("The message is too long for this model."),
                (edit, other),
            ),
            "no_model": (self.tr("The model was put away."), (again,)),
            "bad_request": (self.tr("The engine could not read this request."), (again, edit)),
            "cancelled": (self.tr("The reply was stopped."), (again,)),
            "engine_died": (self.tr("The model stopped unexpectedly."), (start, shorter, other)),
            "engine_silent": (self.tr("The model does not answer any more."), (start, other)),
            "internal": (self.tr("The reply failed by a mistake of the program."), (start, other)),
        }
