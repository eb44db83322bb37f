import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from gguf_files import write_sparse_gguf, write_tiny_gguf
from PySide6.QtCore import QMimeData, QObject, QPoint, QPointF, QRect, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMainWindow,
    QMenu,
    QMessageBox,
    QPushButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.gui import theme
from chatapp.gui.chat.notice_bar import NoticeBar
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.models.folders_card import FoldersCard
from chatapp.gui.models.model_list import ModelListView, button_place, columns
from chatapp.gui.models.models_page import ModelsPage
from chatapp.gui.shortcuts import Shortcuts
from chatapp.settings import SettingsFile

LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier
NO_KEYS = Qt.KeyboardModifier.NoModifier


@pytest.fixture(autouse=True)
def _no_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "packages_dir", lambda: tmp_path / "no-packages")
    monkeypatch.setattr(paths, "shipped_models_dir", lambda: tmp_path / "no-models")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    return folder


@pytest.fixture
def shelf(folder: Path, qtbot: QtBot) -> ModelShelf:
    settings = SettingsFile(paths.settings_file())
    settings.change(model_paths=(str(folder),))
    return ModelShelf(settings)


class Place:
    """The page as its user meets it."""

    def __init__(self, shelf: ModelShelf, qtbot: QtBot) -> None:
        theme.apply(QApplication.instance(), "light")
        self.qtbot = qtbot
        self.shelf = shelf
        self.page = ModelsPage(shelf, Shortcuts(SettingsFile(paths.settings_file())))
        self.window = QMainWindow()
        self.window.setCentralWidget(self.page)
        qtbot.addWidget(self.window)
        self.window.resize(1128, 760)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.settle()
        self.page.focus_list()
        self.list = self.page.findChild(ModelListView)
        self.notice = self.page.findChild(NoticeBar)

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.shelf.is_scanning)

    def names(self) -> list[str]:
        model = self.list.model()
        return [model.index(row, 0).data() for row in range(model.rowCount())]

    def current(self) -> str:
        return str(self.list.currentIndex().data())

    def button(self, text: str) -> QPushButton:
        buttons = self.page.findChildren(QPushButton)
        (button,) = [one for one in buttons if one.isVisible() and one.text() == text]
        return button

    def press(self, text: str) -> None:
        self.qtbot.mouseClick(self.button(text), LEFT)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NO_KEYS) -> None:
        self.qtbot.keyClick(self.list, key, modifiers)

    def choose(self, name: str) -> None:
        self.qtbot.mouseClick(
            self.list.viewport(), LEFT, pos=self.row(name).topLeft() + QPoint(20, 20)
        )

    def press_in_row(self, name: str) -> None:
        place = button_place(columns(self.row(name)).action)
        self.qtbot.mouseClick(self.list.viewport(), LEFT, pos=place.center())

    def row(self, name: str) -> QRect:
        return self.list.visualRect(self.list.model().index(self.names().index(name), 0))

    def menu(self, name: str) -> QMenu:
        """Open the menu of a row with the pointer."""
        self.choose(name)
        self.list.customContextMenuRequested.emit(self.row(name).center())
        (menu,) = [one for one in self.page.findChildren(QMenu) if one.isVisible()]
        return menu

    def said(self) -> str:
        return self.notice.accessibleName() if self.notice.isVisible() else ""

    def text(self) -> str:
        labels = self.page.findChildren(QLabel)
        return "\n".join(label.text() for label in labels if label.isVisible())


@pytest.fixture
def place(shelf: ModelShelf, folder: Path, qtbot: QtBot) -> Place:
    """A shelf with a small model, one with a licence of its own, a huge one and a broken one."""
    write_tiny_gguf(folder / "a.gguf", name="Alpha")
    write_tiny_gguf(folder / "b.gguf", {"general.license": "mit"}, name="Beta")
    write_sparse_gguf(folder / "h.gguf", 10**12, name="Huge")
    (folder / "broken.gguf").write_text("no model")
    return Place(shelf, qtbot)


class Desktop(QObject):
    """Takes the place of the file manager."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toLocalFile())


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    desktop = Desktop()
    QDesktopServices.setUrlHandler("file", desktop, "open")
    yield desktop
    QDesktopServices.unsetUrlHandler("file")


def test_models_are_listed_with_the_first_that_fits_chosen(place: Place) -> None:
    assert place.names() == ["Alpha", "Beta", "Huge", "broken.gguf"]
    assert place.current() == "Alpha"


def test_rows_say_kind_size_fit_and_reason_to_a_screen_reader(place: Place) -> None:
    model = place.list.model()
    role = Qt.ItemDataRole.AccessibleTextRole
    spoken = [model.index(row, 0).data(role) for row in range(4)]
    assert (
        spoken[0] == "Alpha, Llama · 32-bit · 512 context, 127 kB, fits easily, used for new chats"
    )
    assert "needs 1 TB, has" in spoken[2]
    assert "Not a model: it does not begin as a GGUF file does." in spoken[3]
    assert "cannot open" in spoken[3]


def test_chosen_model_is_described_with_its_licence(place: Place) -> None:
    place.choose("Beta")
    assert "29K parameters · F32 · context of 512 tokens · licence: MIT" in place.text()


def test_reason_and_what_to_do_are_told_in_full(place: Place) -> None:
    place.choose("broken.gguf")
    assert "Not a model: it does not begin as a GGUF file does." in place.text()
    place.choose("Huge")
    assert "Close other programs, or use a smaller model." in place.text()


def test_button_of_a_row_chats(place: Place) -> None:
    with place.qtbot.waitSignal(place.page.chat_requested) as asked:
        place.press_in_row("Beta")
    assert asked.args == [place.shelf.entries[1].path]


def test_press_beside_the_button_only_chooses(place: Place) -> None:
    with place.qtbot.assertNotEmitted(place.page.chat_requested):
        place.choose("Beta")
    assert place.current() == "Beta"


def test_enter_chats_with_the_chosen_row(place: Place) -> None:
    place.key(Qt.Key.Key_Down)
    with place.qtbot.waitSignal(place.page.chat_requested) as asked:
        place.key(Qt.Key.Key_Return)
    assert asked.args == [place.shelf.entries[1].path]


def test_model_that_does_not_fit_is_explained_before_it_is_tried(place: Place) -> None:
    with place.qtbot.assertNotEmitted(place.page.chat_requested):
        place.press_in_row("Huge")
    with place.qtbot.waitSignal(place.page.chat_requested):
        place.press("Try it anyway")


def test_broken_file_is_shown_in_its_folder(place: Place, desktop: Desktop, folder: Path) -> None:
    with place.qtbot.assertNotEmitted(place.page.chat_requested):
        place.press_in_row("broken.gguf")
    assert desktop.opened == [str(folder)]


def test_default_is_chosen_and_marked(place: Place) -> None:
    place.choose("Beta")
    place.press("Use for new chats")
    assert not place.button("Used for new chats").isEnabled()
    default = place.shelf.default()
    assert default is not None
    assert default.name == "Beta"


def test_search_leaves_what_matches_and_escape_brings_all_back(place: Place) -> None:
    search = place.page.findChild(QLineEdit, "modelSearch")
    place.key(Qt.Key.Key_F, CONTROL)
    assert search.hasFocus()
    place.qtbot.keyClicks(search, "MIT")
    assert place.names() == ["Beta"]
    place.qtbot.keyClicks(search, "x")
    assert place.names() == []
    assert "No model is called “MITx”." in place.text()
    place.qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert len(place.names()) == 4
    assert place.list.hasFocus()


def test_arrow_down_leads_from_the_search_to_the_list(place: Place) -> None:
    search = place.page.findChild(QLineEdit, "modelSearch")
    search.setFocus()
    place.qtbot.keyClick(search, Qt.Key.Key_Down)
    assert place.list.hasFocus()


def test_model_is_taken_off_the_list_and_brought_back(place: Place, folder: Path) -> None:
    place.choose("Beta")
    place.press("Take off the list")
    assert "Beta" not in place.names()
    assert "not deleted: “Beta”" in place.said()
    assert (folder / "b.gguf").exists()
    place.press("Undo")
    place.settle()
    assert "Beta" in place.names()


def test_no_unmodified_key_takes_anything_off_the_list(place: Place) -> None:
    place.key(Qt.Key.Key_Delete)
    place.key(Qt.Key.Key_Backspace)
    assert len(place.names()) == 4
    place.key(Qt.Key.Key_Delete, CONTROL)
    assert place.names() == ["Beta", "Huge", "broken.gguf"]


def test_menu_takes_a_whole_folder_off_the_list(place: Place) -> None:
    menu = place.menu("Alpha")
    (action,) = [one for one in menu.actions() if "folder “mine”" in one.text()]
    place.qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())
    place.settle()
    assert place.names() == []
    place.press("Undo")
    place.settle()
    assert len(place.names()) == 4


def test_own_file_goes_to_the_trash_only_after_a_yes(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "share").mkdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    path = write_tiny_gguf(paths.models_dir() / "own.gguf", name="Own")
    place.shelf.refresh()
    place.settle()
    for answer in ("Keep it", "Move to trash"):
        assert path.exists()
        menu = place.menu("Own")
        (action,) = [one for one in menu.actions() if one.text() == "Move to the trash…"]
        place.qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())
        box = place.page.findChild(QMessageBox)
        assert "“Own”" in box.text()
        assert box.defaultButton().text() == "Keep it"
        (button,) = [one for one in box.buttons() if one.text() == answer]
        place.qtbot.mouseClick(button, LEFT)
        place.qtbot.waitUntil(lambda: place.page.findChild(QMessageBox) is None)
    assert not path.exists()
    assert "Own" not in place.names()
    place.press("Undo")
    place.settle()
    assert path.exists()
    assert "Own" in place.names()


def test_added_folder_offers_no_trash(place: Place) -> None:
    texts = [action.text() for action in place.menu("Alpha").actions()]
    assert "Move to the trash…" not in texts


def choose_in_dialog(place: Place, path: Path) -> None:
    dialog = place.page.findChild(QFileDialog)
    assert dialog.isVisible()
    dialog.setDirectory(str(path.parent))
    dialog.selectFile(path.name)
    dialog.accept()
    place.settle()


def test_file_is_added_by_the_dialog(place: Place, tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "new.gguf", name="New")
    place.press("Add a file")
    choose_in_dialog(place, path)
    assert place.current() == "New"
    assert place.said() == "“New” is on the list now."


def test_folder_is_added_by_the_dialog(place: Place, tmp_path: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / "more" / name).mkdir(parents=True)
        write_tiny_gguf(tmp_path / "more" / name / f"{name}.gguf", name=name)
    place.press("Add a folder")
    choose_in_dialog(place, tmp_path / "more")
    assert {"x", "y"} < set(place.names())
    assert place.said() == "2 models are on the list now."


def test_folder_without_models_is_said(place: Place, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    place.press("Add a folder")
    choose_in_dialog(place, tmp_path / "pictures")
    assert "no model file in “pictures”" in place.said()


def drop(page: QWidget, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    actions = Qt.DropAction.CopyAction | Qt.DropAction.LinkAction
    entering = QDragEnterEvent(QPoint(300, 300), actions, mime, LEFT, NO_KEYS)
    QApplication.sendEvent(page, entering)
    assert entering.isAccepted()
    dropping = QDropEvent(QPointF(300, 300), actions, mime, LEFT, NO_KEYS)
    QApplication.sendEvent(page, dropping)


def test_dropped_file_is_added_where_it_is(place: Place, tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "new.gguf", name="Dropped")
    drop(place.page, path)
    place.settle()
    assert place.current() == "Dropped"
    entry = place.shelf.entry(str(path))
    assert entry is not None
    assert list(paths.models_dir().iterdir()) == []


def test_dropped_text_file_is_listed_with_the_reason(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir")
    drop(place.page, path)
    place.settle()
    assert place.current() == "letter.txt"
    assert "Not a model" in place.text()


def test_dropped_text_is_not_taken(place: Place) -> None:
    mime = QMimeData()
    mime.setText("just words")
    event = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, mime, LEFT, NO_KEYS)
    event.ignore()
    QApplication.sendEvent(place.page, event)
    assert not event.isAccepted()


def test_empty_shelf_invites_to_add_a_model(
    shelf: ModelShelf, folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    place = Place(shelf, qtbot)
    assert "No model yet" in place.text()
    assert not place.list.isVisible()
    path = write_tiny_gguf(tmp_path / "first.gguf", name="First")
    place.press("Choose a file")
    choose_in_dialog(place, path)
    assert place.names() == ["First"]
    assert place.list.isVisible()
    assert "No model yet" not in place.text()


def test_chosen_row_stays_chosen_when_the_disk_is_looked_through_again(
    place: Place, folder: Path
) -> None:
    place.choose("Beta")
    write_tiny_gguf(folder / "0.gguf", name="Aardvark")
    place.shelf.refresh()
    place.settle()
    assert place.names()[0] == "Aardvark"
    assert place.current() == "Beta"


def test_memory_card_shows_real_figures(place: Place) -> None:
    text = place.page.findChild(QLabel, "memoryText").text()
    assert " free of " in text
    assert "GB" in text


def test_memory_card_says_how_large_a_file_would_fit(place: Place) -> None:
    text = place.page.findChild(QLabel, "largestFile").text()
    assert re.fullmatch(r"A model file of up to about [\d.]+ .B fits easily\.", text)


def test_folders_that_are_looked_through_are_named_with_what_came_from_them(
    place: Place, folder: Path
) -> None:
    assert place.shelf.folders() == (
        (str(paths.models_dir()), "app", 0),
        (str(folder), "added", 3),  # the broken one cannot be used
    )
    assert str(folder) in place.text()


def test_folder_is_opened_and_taken_off_the_list_with_its_buttons(
    place: Place, folder: Path, desktop: Desktop
) -> None:
    card = place.page.findChild(FoldersCard)
    named = {b.accessibleName(): b for b in card.findChildren(QAbstractButton)}
    place.qtbot.mouseClick(named["Open the folder mine"], LEFT)
    assert desktop.opened == [str(folder)]
    place.qtbot.mouseClick(named["Take the folder “mine” off the list"], LEFT)
    place.settle()
    assert place.names() == []
    assert "the folder “mine”" in place.said()
    place.shelf.undo()
    place.settle()
    assert str(folder) in place.text()


def test_long_list_takes_the_room_of_the_folders(place: Place, folder: Path) -> None:
    card = place.page.findChild(FoldersCard)
    assert card.isVisible()
    for n in range(8):
        write_tiny_gguf(folder / f"more-{n}.gguf", name=f"More {n}")
    place.shelf.refresh()
    place.settle()
    assert not card.isVisible()
    place.window.resize(1128, 1100)
    place.qtbot.waitUntil(card.isVisible)


def test_everything_is_named_and_reached_by_the_keyboard(place: Place) -> None:
    for control in place.page.findChildren(QWidget):
        if isinstance(control, QPushButton | QToolButton | QLineEdit | ModelListView) and (
            control.isVisible() and control.parent() is not place.page.findChild(QLineEdit)
        ):
            assert control.accessibleName() or control.text(), control
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control


@pytest.mark.parametrize("width", [588, 760, 1128])
@pytest.mark.parametrize("name", ["light", "dark"])
def test_page_is_usable_at_every_size_and_theme(
    width: int, name: theme.Theme, place: Place
) -> None:
    theme.apply(QApplication.instance(), name)
    place.window.resize(width, 480)
    place.qtbot.waitUntil(lambda: place.page.width() == width)
    place.choose("Alpha")
    with place.qtbot.waitSignal(place.page.chat_requested):
        place.press_in_row("Alpha")
    ground = theme.colour("bubble")
    picture = place.list.viewport().grab().toImage()
    row = place.row("Alpha")
    assert picture.pixelColor(row.left() + 6, row.center().y()) == ground


def test_path_that_leads_nowhere_is_listed(place: Place, tmp_path: Path) -> None:
    place.shelf.add([str(tmp_path / "unplugged")])
    place.settle()
    assert "unplugged" in place.names()
    place.choose("unplugged")
    assert "The file is not there" in place.text()


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize("width", [588, 1076])
def test_nothing_overlaps_and_tab_brings_every_control_into_sight(
    width: int, percent: int, place: Place
) -> None:
    theme.apply(QApplication.instance(), "light", percent)
    place.window.resize(width, 480)
    place.qtbot.waitUntil(lambda: place.page.width() == width)
    kinds = QPushButton | QLineEdit | QComboBox | QLabel | ModelListView
    parts = [one for one in place.page.findChildren(QWidget) if isinstance(one, kinds)]
    shown = [one for one in parts if one.isVisible()]
    for part, other in combinations(shown, 2):
        assert not _place_on(place.page, part).intersects(_place_on(place.page, other))
    for control in shown:
        if isinstance(control, QPushButton | QComboBox):
            assert control.width() >= control.sizeHint().width(), control.accessibleName()
            assert control.height() >= control.minimumSizeHint().height()
    assert columns(place.row("Alpha")).name.width() > theme.px(100)
    assert not columns(place.row("Alpha")).name.intersects(columns(place.row("Alpha")).fit)
    reached = set()
    for _ in range(20):
        control = QApplication.focusWidget()
        reached.add(control)
        if not isinstance(control, ModelListView):
            assert place.page.rect().contains(_place_on(place.page, control))
        QTest.keyClick(control, Qt.Key.Key_Tab)
    takes_focus = (QPushButton, QComboBox, QLineEdit, ModelListView)
    wanted = [one for one in shown if isinstance(one, takes_focus) and one.isEnabled()]
    assert set(wanted) <= reached


def _place_on(page: QWidget, part: QWidget) -> QRect:
    return part.rect().translated(part.mapTo(page, QPoint()))
