from collections.abc import Callable, Iterator

import pytest
from chat_place import Chat
from data_place import DataPlace
from pytestqt.qtbot import QtBot


@pytest.fixture
def place(qtbot: QtBot, open_chat: Callable[..., Chat]) -> Iterator[DataPlace]:
    place = DataPlace(qtbot, open_chat())
    yield place
    place.close()
