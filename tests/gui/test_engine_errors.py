from typing import get_args

import pytest
from PySide6.QtWidgets import QApplication

from chatapp.errors import ErrorCode, say
from chatapp.gui.engine_errors import EngineErrors
from chatapp.protocol import Error

ACTIONS = {"retry", "shorter_context", "models_page", "edit"}


@pytest.mark.parametrize("code", get_args(ErrorCode))
def test_every_failure_has_a_title_and_a_button_that_helps(
    code: ErrorCode, qapp: QApplication
) -> None:
    failure = EngineErrors().explain(Error(id="1", code=code, message=say("What happened.")), "log")
    assert failure.title.endswith(".")
    assert (failure.text, failure.details) == ("What happened.", "log")
    names = [name for name, _ in failure.actions]
    assert names
    assert set(names) <= ACTIONS
    assert all(label for _, label in failure.actions)


def test_memory_offers_a_shorter_context_first(qapp: QApplication) -> None:
    failure = EngineErrors().explain(Error(id="1", code="not_enough_memory", message=say("")))
    assert failure.actions[0][0] == "shorter_context"
