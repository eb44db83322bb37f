import sys

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from chatapp.gui.model_shelf import Folder
from chatapp.gui.models.folders_card import FoldersCard


@pytest.mark.parametrize(
    ("is_frozen", "words"),
    [(False, "Python packages that are installed"), (True, "What came with chatapp")],
)
def test_the_models_that_came_along_are_named_as_the_user_has_them(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, is_frozen: bool, words: str
) -> None:
    monkeypatch.setattr(sys, "frozen", is_frozen, raising=False)
    card = FoldersCard()
    qtbot.addWidget(card)
    card.set_folders([Folder("/somewhere", "package", 1)])
    assert words in [label.text() for label in card.findChildren(QLabel)]
