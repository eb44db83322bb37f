from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QAccessible, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPlainTextEdit, QToolButton
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.gui.main_window import MainWindow
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.models.models_page import ModelsPage
from chatapp.settings import SettingsFile

Open = Callable[[], MainWindow]


@pytest.fixture
def open_window(qtbot: QtBot) -> Open:
    """Opens a window on the settings of this test."""

    def open_it() -> MainWindow:
        settings = SettingsFile(paths.settings_file())
        window = MainWindow(settings, ModelShelf(settings))
        qtbot.addWidget(window)
        window.show()
        window.activateWindow()  # there may be no window manager to do it
        with qtbot.waitActive(window):
            pass
        return window

    return open_it


def rail_button(window: MainWindow, name: str) -> QToolButton:
    (button,) = [
        button for button in window.findChildren(QToolButton) if button.accessibleName() == name
    ]
    return button


def drop(window: MainWindow, files: list[Path]) -> bool:
    """Drag files over the prompt and let go of them; whether the window takes them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    where, copy = QPoint(100, 100), Qt.DropAction.CopyAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(where, copy, data, buttons, keys)
    QApplication.sendEvent(window.findChild(QPlainTextEdit, "promptEdit").viewport(), enter)
    if enter.isAccepted():
        QApplication.sendEvent(window, QDropEvent(QPointF(where), copy, data, buttons, keys))
    return enter.isAccepted()


def test_rail_and_keys_lead_to_the_places(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    assert window.chat_page.isVisible()
    assert not window.findChildren(ModelsPage)  # built at the first visit
    rail_button(window, "Models").click()
    (page,) = window.findChildren(ModelsPage)
    assert page.isVisible()
    assert rail_button(window, "Models").isChecked()
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.chat_page.isVisible()
    assert rail_button(window, "Chat").isChecked()
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert page.isVisible()


def test_every_control_has_a_name_for_screen_readers(open_window: Open) -> None:
    window = open_window()
    window.show_models()
    nameless = [
        button
        for button in window.findChildren(QAbstractButton)
        if not isinstance(button.parent(), QLineEdit)  # Qt's own
        and not QAccessible.queryAccessibleInterface(button).text(QAccessible.Text.Name)
        and button.isVisibleTo(window)
    ]
    assert not nameless


def test_keys_ask_for_a_new_chat_and_for_a_stop(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    window.show_models()
    with qtbot.waitSignal(window.new_requested, timeout=1000):
        qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert window.chat_page.isVisible()
    with qtbot.waitSignal(window.stop_requested, timeout=1000):
        qtbot.keyClick(window, Qt.Key.Key_Escape)


def test_sidebar_hides_by_key_and_that_is_kept(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert not window.chat_page.sidebar_visible()
    window.close()
    assert not open_window().chat_page.sidebar_visible()


def test_size_is_kept_and_never_below_the_usable(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    assert window.size() == QSize(1180, 760)
    window.resize(900, 600)
    qtbot.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert not window.isVisible()
    second = open_window()
    assert second.size() == QSize(900, 600)
    second.resize(100, 100)
    assert second.size() == QSize(640, 480)


def test_everything_has_room_in_the_smallest_window(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    window.resize(640, 480)
    qtbot.waitUntil(lambda: window.width() == 640)
    assert window.chat_page.minimumSizeHint().width() <= window.chat_page.width()
    window.show_models()
    assert window.size() == QSize(640, 480)


def test_dropped_models_go_to_the_shelf(open_window: Open, tmp_path: Path) -> None:
    window = open_window()
    folder = tmp_path / "folder"
    folder.mkdir()
    files = [tmp_path / "model.GGUF", tmp_path / "notes.txt", folder]
    assert drop(window, files)
    kept = SettingsFile(paths.settings_file()).current.model_paths
    assert kept == (str(files[0]), str(folder))
    assert window.findChildren(ModelsPage)[0].isVisible()


def test_other_files_dropped_on_the_chat_are_for_its_message(
    open_window: Open, tmp_path: Path
) -> None:
    window = open_window()
    dropped: list[str] = []
    window.files_dropped.connect(dropped.extend)
    assert drop(window, [tmp_path / "notes.txt", tmp_path / "model.gguf"])
    assert dropped == [str(tmp_path / "notes.txt")]
    assert not drop(window, [tmp_path / "notes.txt"])  # the Models place is on show now
    assert dropped == [str(tmp_path / "notes.txt")]
