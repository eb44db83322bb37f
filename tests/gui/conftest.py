from collections.abc import Callable, Iterator
from pathlib import Path

import engines
import pytest
import shiboken6
from chat_place import Chat
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.gui import theme
from chatapp.gui.app import Program
from chatapp.gui.crash import CrashGuard
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
        destroy(chat.parts)


@pytest.fixture
def new_program(starter_model: Path) -> Iterator[Callable[..., Program]]:
    """Puts the whole window together, not yet on show."""
    programs: list[Program] = []

    def new(guard: CrashGuard | None = None) -> Program:
        programs.append(Program(SettingsFile(paths.settings_file()), guard))
        return programs[-1]

    yield new
    for program in programs:
        window = program.window
        window.close()
        destroy(program)
        destroy(window)


@pytest.fixture
def open_program(qtbot: QtBot, new_program: Callable[..., Program]) -> Callable[[], Program]:
    """Opens the whole window, again and again if need be."""

    def open_it() -> Program:
        program = new_program()
        qtbot.addWidget(program.window)
        program.start()
        program.window.activateWindow()  # there may be no window manager to do it
        with qtbot.waitActive(program.window):
            pass
        return program

    return open_it


def destroy(thing: QObject) -> None:
    """End what lives in this thread here and now.

    As garbage it would live on, its timers going off in the next test, until some thread or other
    asks for memory and so destroys it: which crashes, or has the two threads wait for each other.
    """
    shiboken6.delete(thing)
