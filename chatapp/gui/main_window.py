"""The window: a rail that chooses the place, the places, keys and dropped files.

Decides nothing about conversations or models; it knows where they are shown.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from chatapp.gui import icons
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.shortcuts import Shortcuts
from chatapp.settings import LEAST_FONT_PERCENT, MOST_FONT_PERCENT, SettingsFile

if TYPE_CHECKING:
    from chatapp.gui.lab.lab_page import LabPage
    from chatapp.gui.models.models_page import ModelsPage

RAIL_WIDTH = 52
_BUTTON_SIZE = QSize(38, 38)
_ICON_SIZE = QSize(19, 19)
_LEAST_SIZE = QSize(640, 480)
_FONT_STEP = 10  # percent


class MainWindow(QMainWindow):
    """The one window of the program.

    Attributes:
        chat_page: The Chat place.
        shortcuts: The keys; who does something by key binds it here.
        may_close: Is asked before the window closes.

    Signals:
        new_requested: A new conversation is wanted.
        stop_requested: Esc in the Chat place.
        settings_requested: The gear, or its key.
        shortcuts_requested: The user wants to change keys.
        files_dropped: Paths of files dropped on the Chat place that are no models.
        model_chosen: The Models place, or the Lab, wants to chat with the model in that path.
        export_requested: The Lab wants conversations exported to learn from.
        closed: The user has closed the window.
    """

    new_requested = Signal()
    stop_requested = Signal()
    settings_requested = Signal()
    shortcuts_requested = Signal()
    files_dropped = Signal(list)
    model_chosen = Signal(str)
    export_requested = Signal()
    closed = Signal()

    def __init__(self, settings: SettingsFile, shelf: ModelShelf) -> None:
        super().__init__()
        self._settings = settings
        self._shelf = shelf
        self.may_close: Callable[[], bool] = lambda: True
        self.setWindowTitle("chatapp")
        self.setMinimumSize(_LEAST_SIZE)
        self.resize(settings.current.window_width, settings.current.window_height)
        self.setAcceptDrops(True)
        self.chat_page = ChatPage()
        self.chat_page.set_sidebar_visible(settings.current.sidebar_visible)
        self._places = QStackedWidget()
        self._places.addWidget(self.chat_page)
        self._models_page: ModelsPage | None = None  # built at the first visit
        self._lab_page: LabPage | None = None  # and so is this one
        self._rail_buttons = QButtonGroup(self)
        self.shortcuts = Shortcuts(settings, self)
        body = QWidget()
        layout = QHBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._rail())
        layout.addWidget(self._places, 1)
        self.setCentralWidget(body)
        self._bind_shortcuts()

    def show_chat(self) -> None:
        """Go to the Chat place."""
        self._rail_buttons.button(0).setChecked(True)
        self._places.setCurrentWidget(self.chat_page)
        self.chat_page.focus_prompt()

    def show_models(self) -> None:
        """Go to the Models place."""
        if self._models_page is None:
            self._models_page = self._build_models_page()
            self._places.addWidget(self._models_page)
        self._rail_buttons.button(1).setChecked(True)
        self._places.setCurrentWidget(self._models_page)
        self._models_page.focus_list()

    def show_lab(self) -> None:
        """Go to the Lab."""
        if self._lab_page is None:
            self._lab_page = self._build_lab_page()
            self._places.addWidget(self._lab_page)
        self._rail_buttons.button(2).setChecked(True)
        self._places.setCurrentWidget(self._lab_page)
        self._lab_page.focus_list()

    def learn_from(self, path: str) -> None:
        """Take a file that was exported for the Lab."""
        if self._lab_page is not None:
            self._lab_page.new_run.data.take([path])

    def bring_to_front(self) -> None:
        """Show the window above all others, also when it is minimised."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    # Qt

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.may_close() or not self._lab_may_close():
            event.ignore()
            return
        self._keep_geometry()
        event.accept()
        self.closed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        data = event.mimeData()
        if _model_files(data) or (self._is_chat_shown() and _other_files(data)):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        models, others = _model_files(event.mimeData()), _other_files(event.mimeData())
        if others and self._is_chat_shown():
            self.files_dropped.emit(others)
        if models:
            self._shelf.add(models)
            self.show_models()

    # inside

    def _rail(self) -> QFrame:
        rail = QFrame()
        rail.setObjectName("rail")
        rail.setFixedWidth(RAIL_WIDTH)
        layout = QVBoxLayout(rail)
        layout.setContentsMargins(0, 12, 0, 12)
        layout.setSpacing(6)
        layout.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        places = (
            ("chat", self.tr("Chat"), self.show_chat),
            ("models", self.tr("Models"), self.show_models),
            ("lab", self.tr("Lab"), self.show_lab),
        )
        for index, (icon, name, show) in enumerate(places):
            button = self._rail_button(icon, name)
            button.setCheckable(True)
            button.clicked.connect(show)
            self._rail_buttons.addButton(button, index)
            layout.addWidget(button)
        self._rail_buttons.button(0).setChecked(True)
        layout.addStretch()
        layout.addWidget(self._settings_button())
        return rail

    def _settings_button(self) -> QToolButton:
        button = self._rail_button("settings", self.tr("Settings"))
        button.clicked.connect(self.settings_requested)
        return button

    def _rail_button(self, name: str, text: str) -> QToolButton:
        """A button named after its icon and its shortcut."""
        button = QToolButton()
        button.setIcon(icons.icon(name))
        button.setIconSize(_ICON_SIZE)
        button.setFixedSize(_BUTTON_SIZE)
        button.setAccessibleName(text)

        def show_keys() -> None:
            button.setToolTip(self.shortcuts.tip(text, name))

        self.shortcuts.changed.connect(show_keys)
        show_keys()
        return button

    def _bind_shortcuts(self) -> None:
        actions: dict[str, Callable[[], object]] = {
            "new": self._new,
            "chat": self.show_chat,
            "models": self.show_models,
            "lab": self.show_lab,
            "search": self._search,
            "sidebar": self._toggle_sidebar,
            "settings": self.settings_requested.emit,
            "shortcuts": self._show_shortcuts,
            "larger": lambda: self._resize_letters(_FONT_STEP),
            "smaller": lambda: self._resize_letters(-_FONT_STEP),
            "usual_size": lambda: self._settings.change(font_percent=100),
            "quit": self.close,
        }
        for name, action in actions.items():
            self.shortcuts.bind(name, self, action)
        self.shortcuts.bind("stop", self.chat_page, self.stop_requested.emit)
        self.shortcuts.bind("find", self.chat_page, self.chat_page.open_find)
        self.shortcuts.changed.connect(lambda: self.chat_page.show_keys(self.shortcuts))
        self.chat_page.show_keys(self.shortcuts)

    def _show_shortcuts(self) -> None:
        from chatapp.gui.shortcut_sheet import ShortcutSheet  # needed once it is looked at

        sheet = ShortcutSheet(self.shortcuts, self)
        sheet.change_requested.connect(self.shortcuts_requested)
        sheet.open()

    def _resize_letters(self, step: int) -> None:
        wanted = self._settings.current.font_percent + step
        percent = min(max(wanted, LEAST_FONT_PERCENT), MOST_FONT_PERCENT)
        self._settings.change(font_percent=percent)

    def _new(self) -> None:
        self.show_chat()
        self.new_requested.emit()

    def _is_chat_shown(self) -> bool:
        return self._places.currentWidget() is self.chat_page

    def _search(self) -> None:
        self.show_chat()
        self.chat_page.open_search()

    def _toggle_sidebar(self) -> None:
        self.show_chat()
        self.chat_page.set_sidebar_visible(not self.chat_page.sidebar_visible())

    def _build_models_page(self) -> "ModelsPage":
        from chatapp.gui.models.models_page import ModelsPage  # needed once it is looked at

        page = ModelsPage(self._shelf, self.shortcuts)
        page.chat_requested.connect(self._chat_with)
        return page

    def _build_lab_page(self) -> "LabPage":
        from chatapp.gui.lab.lab_page import LabPage  # and numpy with it, for the curves

        page = LabPage(self._shelf)
        page.chat_requested.connect(self._chat_anew_with)
        page.export_requested.connect(self.export_requested)
        self.closed.connect(page.let_go)
        return page

    def _lab_may_close(self) -> bool:
        return self._lab_page is None or self._lab_page.may_close()

    def _chat_anew_with(self, path: str) -> None:
        self._new()
        self.model_chosen.emit(path)

    def _chat_with(self, path: str) -> None:
        self.show_chat()
        self.model_chosen.emit(path)

    def _keep_geometry(self) -> None:
        size = self.normalGeometry().size() if self.isMaximized() else self.size()
        self._settings.change(
            window_width=size.width(),
            window_height=size.height(),
            sidebar_visible=self.chat_page.sidebar_visible(),
        )


def _model_files(data: QMimeData) -> Sequence[str]:
    """The files with the ending of models, and the folders, among what is dragged."""
    return [file for file in _files(data) if _is_for_the_shelf(Path(file))]


def _other_files(data: QMimeData) -> Sequence[str]:
    """The files to be attached among what is dragged."""
    return [file for file in _files(data) if not _is_for_the_shelf(Path(file))]


def _files(data: QMimeData) -> Sequence[str]:
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]


def _is_for_the_shelf(path: Path) -> bool:
    return path.suffix.lower() == ".gguf" or path.is_dir()
