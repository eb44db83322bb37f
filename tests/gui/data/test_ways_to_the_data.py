"""The ways that lead to the dialogs: the menu of the sidebar, and the settings."""

from collections.abc import Callable
from threading import Event

import pytest
from foreign_files import own_conversation
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from chatapp.gui.app import Program
from chatapp.gui.data.export_dialog import ExportDialog
from chatapp.gui.data.sheet import Sheet, WorkSheet
from chatapp.gui.settings.dialog import SettingsDialog
from chatapp.transfer.watch import Watch

Open = Callable[[], Program]


def sheets() -> list[Sheet]:
    """The dialogs on show."""
    tops = QApplication.topLevelWidgets()
    return [one for one in tops if isinstance(one, Sheet) and one.isVisible()]


def sheet(qtbot: QtBot, title: str) -> Sheet:
    """The dialog of that title, once it is on show."""
    qtbot.waitUntil(lambda: [one.windowTitle() for one in sheets()] == [title], timeout=10_000)
    return sheets()[0]


def close(qtbot: QtBot, dialog: Sheet) -> None:
    """Close a dialog by its button."""
    (button,) = [b for b in dialog.findChildren(QPushButton) if b.text() in ("Close", "Cancel")]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not sheets(), timeout=10_000)


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("Trash…", "Trash"),
        ("Import…", "Import conversations"),
        ("Export…", "Export conversations"),
    ],
)
def test_the_menu_of_the_sidebar_leads_there(
    open_program: Open, qtbot: QtBot, label: str, title: str
) -> None:
    sidebar = open_program().window.chat_page.sidebar
    actions = [action for menu in sidebar.findChildren(QMenu) for action in menu.actions()]
    (action,) = [one for one in actions if one.text() == label]
    action.trigger()
    close(qtbot, sheet(qtbot, title))


def test_chosen_conversations_can_be_exported(open_program: Open, qtbot: QtBot) -> None:
    program = open_program()
    pair = [own_conversation("Sea"), own_conversation("River")]
    program.window.chat_page.sidebar.view.export_requested.emit([one.id for one in pair])
    dialog = sheet(qtbot, "Export conversations")
    assert isinstance(dialog, ExportDialog)
    assert "Chosen conversations (2)" in [
        box.currentText() for box in dialog.findChildren(type(dialog._scope))
    ]
    close(qtbot, dialog)


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("Export…", "Export conversations"),
        ("Import…", "Import conversations"),
        ("Backups…", "Backups"),
        ("Trash…", "Trash"),
    ],
)
def test_the_settings_lead_there(open_program: Open, qtbot: QtBot, label: str, title: str) -> None:
    program = open_program()
    program.choices.show("Data")
    (settings,) = program.window.findChildren(SettingsDialog)
    (button,) = [b for b in settings.findChildren(QPushButton) if b.text() == label]
    qtbot.waitUntil(button.isVisible, timeout=10_000)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    close(qtbot, sheet(qtbot, title))
    settings.close()


def test_what_a_dialog_does_ends_with_the_window_however_early_it_was_opened(
    open_program: Open, qtbot: QtBot
) -> None:
    program = open_program()
    program.data.show_trash()
    dialog = sheet(qtbot, "Trash")
    assert isinstance(dialog, WorkSheet)
    program.data.keep_house()  # comes by itself when the window is at rest
    ended = Event()

    def work_until_told(watch: Watch) -> None:
        for _ in range(1000):
            if watch.is_cancelled():
                return ended.set()
            ended.wait(0.01)
        return None

    dialog.do(work_until_told)
    program.data.close()
    assert ended.is_set()
