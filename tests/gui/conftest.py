from collections.abc import Callable, Iterator
from pathlib import Path

import engines
import pytest
from chat_place import Chat
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.gui import theme
from chatapp.gui.app import Program
from chatapp.gui.engine_process import EngineProcess
from chatapp.settings import SettingsFile


@pytest.fixture(autouse=True)
def _light(qapp: QApplication) -> None:
    theme.apply(qapp, "light")


@pytest.fixture
def open_chat(qtbot: QtBot, starter_model: Path) -> Iterator[Callable[..., Chat]]:
    """Opens the Chat place; with the name of a scripted engine, over that one."""
    chats: list[Chat] = []

    def open_it(engine_name: str = "") -> Chat:
        command = engines.command(engine_name) if engine_name else None
        chats.append(Chat(qtbot, EngineProcess(command)))
        return chats[-1]

    yield open_it
    for chat in chats:
        chat.close()


@pytest.fixture
def open_program(qtbot: QtBot, starter_model: Path) -> Iterator[Callable[[], Program]]:
    """Opens the whole window, again and again if need be."""
    programs: list[Program] = []

    def open_it() -> Program:
        program = Program(SettingsFile(paths.settings_file()))
        programs.append(program)
        qtbot.addWidget(program.window)
        program.start()
        program.window.activateWindow()  # there may be no window manager to do it
        with qtbot.waitActive(program.window):
            pass
        return program

    yield open_it
    for program in programs:
        program.window.close()
