"""The Models place: the shelf as a list, what can be done with a model, and how to add one."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QPoint, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFont,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from chatapp.gui import icons, theme
from chatapp.gui.chat.notice_bar import NoticeBar
from chatapp.gui.fields import SearchField
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.models.details_card import DetailsCard
from chatapp.gui.models.folders_card import FoldersCard
from chatapp.gui.models.memory_card import MemoryCard
from chatapp.gui.models.model_adder import ModelAdder
from chatapp.gui.models.model_list import ENTRY_ROLE, ColumnHeads, ModelListModel, ModelListView
from chatapp.gui.models.model_remover import ModelRemover
from chatapp.gui.models.no_models import NoModels
from chatapp.gui.models.wrap_row import WrapRow
from chatapp.gui.page_area import PageArea
from chatapp.gui.shortcuts import Shortcuts

if TYPE_CHECKING:
    from chatapp.library.shelf import ModelEntry

_NARROW = 760  # below, the page has smaller margins and no subtitle
_LOW = 560
_MESSAGE_HEIGHT = 80
_TOP = 70  # what the line with the title takes
_LEAST_SIZE = QSize(560, 420)
_TOP_SPACING = 10
_ROOM_FOR_MEMORY = 700


class _Body(QWidget):
    """What is scrolled only where its least height is more than there is."""

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return layout.totalMinimumHeightForWidth(width) if layout is not None else -1


class ModelsPage(QWidget):
    """Shows the shelf and hands it the user's wishes.

    Signals:
        chat_requested: The user wants to chat with the model in that path.
    """

    chat_requested = Signal(str)

    def __init__(
        self, shelf: ModelShelf, shortcuts: Shortcuts, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._shortcuts = shortcuts
        self._has_looked = bool(shelf.entries)
        self._build_widgets()
        self._lay_out()
        self._connect()
        self.setAcceptDrops(True)
        self._show_entries()

    def focus_list(self) -> None:
        """Let the keys work on the list."""
        # As a focus proxy of the page it would be where Tab enters, past the buttons above it.
        self._view.setFocus()

    # ---- what it is made of ----

    def _build_widgets(self) -> None:
        self._title = QLabel(self.tr("Models"), self)
        theme.set_font(self._title, 20, QFont.Weight.DemiBold)
        self._subtitle = QLabel(self.tr("on this computer"), self)
        theme.set_font(self._subtitle, theme.MESSAGE_PX)
        theme.mark(self._subtitle, tone="muted")
        find = self.tr("Find a model")
        self._search = SearchField(find, find, self)
        self._search.setObjectName("modelSearch")
        self._add_folder = QPushButton(self.tr("Add a folder"), self)
        self._add_file = QPushButton(self.tr("Add a file"), self)
        theme.mark(self._add_file, kind="primary")
        self._model = ModelListModel(self)
        self._view = ModelListView(self)
        self._view.setModel(self._model)
        self._view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._heads = ColumnHeads(self._view)
        self._message = QLabel(self)
        self._message.setMinimumHeight(_MESSAGE_HEIGHT)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.mark(self._message, tone="muted")
        self._details = DetailsCard(self._shelf, self)
        self._memory = MemoryCard(self)
        self._folders = FoldersCard(self)
        self._notice = NoticeBar(self)
        self._no_models = NoModels(self)
        self._drop_hint = QLabel(self.tr("Drop to add it to your models"), self)
        self._drop_hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.set_font(self._drop_hint, theme.MESSAGE_PX, QFont.Weight.DemiBold)
        theme.mark(self._drop_hint, surface="card", tone="accent")
        self._drop_hint.hide()

    def _lay_out(self) -> None:
        self._controls = WrapRow(_TOP_SPACING)
        for control in (self._search, self._add_folder, self._add_file):
            self._controls.addWidget(control)
        self._top = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._top.setSpacing(_TOP_SPACING)
        self._top.addWidget(self._title)
        self._top.addWidget(self._subtitle)
        self._top.addStretch(1)
        self._top.addLayout(self._controls)
        self._list_card = QFrame(self)
        theme.mark(self._list_card, surface="card")
        self._list_card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        rows = QVBoxLayout(self._list_card)
        rows.setContentsMargins(6, 2, 6, 6)
        rows.setSpacing(0)
        rows.addWidget(self._heads)
        rows.addWidget(self._view, 1)
        rows.addWidget(self._message, 1)
        self._cards = QHBoxLayout()
        self._cards.setSpacing(16)
        self._cards.addWidget(self._details, 3)
        self._cards.addWidget(self._memory, 2)
        body = _Body(self)
        self._page = QVBoxLayout(body)
        self._page.setSpacing(16)
        self._page.addLayout(self._top)
        self._page.addWidget(self._list_card)
        self._page.addWidget(self._no_models, 1)
        self._page.addLayout(self._cards)
        self._page.addWidget(self._folders)
        self._page.addStretch(1)
        self._area = PageArea(body, self)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.setSpacing(0)
        outside.addWidget(self._area, 1)
        self._foot = QVBoxLayout()  # in sight however far the page is scrolled
        self._foot.addWidget(self._notice)
        outside.addLayout(self._foot)

    def _connect(self) -> None:
        self._shelf.changed.connect(self._on_shelf_changed)
        self._adder = ModelAdder(self._shelf, self)  # hears of changes after the list shows them
        self._adder.begun.connect(self._search.clear)
        self._adder.found.connect(self._show_added)
        self._adder.not_found.connect(self._say)
        self._remover = ModelRemover(self._shelf, self)
        self._remover.removed.connect(self._say_removed)
        self._shelf.failed.connect(self._say)
        self._search.textChanged.connect(self._show_entries)
        self._search.returnPressed.connect(self._view.setFocus)
        for asking in (self._add_file.clicked, self._no_models.file_requested):
            asking.connect(self._adder.ask_for_files)
        for asking in (self._add_folder.clicked, self._no_models.folder_requested):
            asking.connect(self._adder.ask_for_folder)
        self._view.action_requested.connect(self._do_action)
        self._view.removal_requested.connect(self._remove)
        self._view.customContextMenuRequested.connect(self._open_menu)
        self._view.selectionModel().currentChanged.connect(self._show_details)
        self._details.chat_requested.connect(self._chat)
        self._details.default_requested.connect(self._make_default)
        self._details.show_requested.connect(self._show_file)
        self._details.removal_requested.connect(self._remove)
        self._folders.open_requested.connect(self._open_folder)
        self._folders.removal_requested.connect(self._remover.take_folder_off)
        self._notice.undo_requested.connect(self._shelf.undo)
        self._shortcuts.bind("find_model", self, self._search.setFocus)
        self._shortcuts.bind("add_model", self, self._adder.ask_for_files)
        keys = (
            (Qt.Key.Key_Down, self._view.setFocus),
            (Qt.Key.Key_Escape, self._leave_search),
        )
        for key, slot in keys:
            shortcut = QShortcut(QKeySequence(key), self._search)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)

    # ---- what it shows ----

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._shelf.refresh()

    def minimumSizeHint(self) -> QSize:
        return _LEAST_SIZE  # what stands in its way then gives way or goes

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Fit what is shown, and where, to the room there is."""
        is_narrow = self.width() < theme.px(_NARROW)
        margin = 16 if self.width() < _NARROW else 32
        self._page.setContentsMargins(margin, 16 if is_narrow else 26, margin, 8)
        self._foot.setContentsMargins(margin, 0, margin, 8)
        self._subtitle.setHidden(is_narrow)
        beside = self._title.sizeHint().width() + self._controls.sizeHint().width() + _TOP_SPACING
        fits = beside <= self.width() - 2 * margin
        directions = QBoxLayout.Direction
        self._top.setDirection(directions.LeftToRight if fits else directions.TopToBottom)
        self._details.set_compact(self.height() < _LOW)
        self._show_cards()
        self._drop_hint.setGeometry(self.rect().adjusted(margin, _TOP, -margin, -16))

    def _on_shelf_changed(self) -> None:
        self._has_looked |= not self._shelf.is_scanning
        self._show_entries()

    def _show_entries(self) -> None:
        """List what the search leaves, with the same row chosen as before where it is there."""
        wanted = self._search.text().strip().casefold()
        shown = [entry for entry in self._shelf.entries if wanted in _searched(entry)]
        chosen, default = self._entry(), self._shelf.default()
        path = chosen.path if chosen is not None else default.path if default is not None else ""
        self._model.set_entries(shown, default.path if default is not None else "")
        self._choose(path)
        is_empty = not self._shelf.entries and self._has_looked
        self._list_card.setHidden(is_empty)
        self._no_models.setVisible(is_empty)
        self._page.setStretch(self._page.count() - 1, 0 if is_empty else 1)
        self._heads.setVisible(bool(shown))
        self._view.setVisible(bool(shown))
        self._message.setVisible(not shown)
        searching = self.tr("Looking for models…")
        nothing = self.tr("No model is called “{}”.").format(self._search.text().strip())
        self._message.setText(nothing if self._shelf.entries else searching)
        for control in (self._search, self._add_folder, self._add_file):
            control.setHidden(is_empty)
        self._view.updateGeometry()
        self._folders.set_folders(self._shelf.folders())
        self._show_cards()

    def _show_cards(self) -> None:
        """What is not about the list itself is there where there is room for it."""
        has_rows = bool(self._model.entries)
        self._details.setVisible(has_rows)
        self._memory.setVisible(has_rows and self.width() >= theme.px(_ROOM_FOR_MEMORY))
        parts = (self._top, self._list_card, self._cards, self._folders)
        needed = sum(part.sizeHint().height() + self._page.spacing() for part in parts)
        margins = self._page.contentsMargins()
        has_room = needed + margins.top() + margins.bottom() <= self.height()
        self._folders.setVisible(bool(self._shelf.entries) and has_room)

    def _show_details(self) -> None:
        entry, default = self._entry(), self._shelf.default()
        if entry is not None:
            self._details.set_entry(entry, default is not None and entry.path == default.path)

    def _choose(self, path: str) -> None:
        paths = [entry.path for entry in self._model.entries]
        index = self._model.index(paths.index(path) if path in paths else 0)
        self._view.setCurrentIndex(index)
        self._view.scrollTo(index)
        self._show_details()

    def _entry(self) -> "ModelEntry | None":
        entry: ModelEntry | None = self._view.currentIndex().data(ENTRY_ROLE)
        return entry

    # ---- adding ----

    def _show_added(self, path: str, text: str) -> None:
        self._choose(path)
        self._view.setFocus()
        self._say(text)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped_paths(event.mimeData()):
            event.setDropAction(Qt.DropAction.LinkAction)  # nothing is copied
            event.accept()
            self._drop_hint.show()
            self._drop_hint.raise_()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_hint.hide()
        event.setDropAction(Qt.DropAction.LinkAction)
        event.accept()
        self._adder.add(_dropped_paths(event.mimeData()))

    def _say(self, text: str) -> None:
        self._notice.show_notice(text, "")

    def _say_removed(self, text: str) -> None:
        self._notice.show_notice(text, self.tr("Undo"))

    # ---- what can be done with a model ----

    def _do_action(self) -> None:
        """Do what the button of the chosen row says."""
        entry = self._entry()
        if entry is None:
            return
        if entry.error:
            self._show_file()
        elif entry.fit is not None and entry.fit.level == "no":
            self._details.focus_advice()
            self._area.ensureWidgetVisible(self._details)
        else:
            self._chat()

    def _chat(self) -> None:
        entry = self._entry()
        if entry is not None and not entry.error:
            self.chat_requested.emit(entry.path)

    def _make_default(self) -> None:
        entry = self._entry()
        if entry is not None and not entry.error:
            self._shelf.set_default(entry.path)

    def _show_file(self) -> None:
        entry = self._entry()
        if entry is not None:
            self._open_folder(str(Path(entry.path).parent))

    def _open_folder(self, folder: str) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(folder)):
            text = self.tr("The folder {} cannot be opened from here.").format(folder)
            self._say(text)

    def _remove(self) -> None:
        entry = self._entry()
        if entry is not None:
            self._remover.take_off(entry)

    def _open_menu(self, position: QPoint) -> None:
        entry = self._entry()
        if entry is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if not entry.error:
            menu.addAction(icons.icon("chat"), self.tr("Chat"), self._chat)
            menu.addAction(icons.icon("star"), self.tr("Use for new chats"), self._make_default)
        menu.addAction(icons.icon("folder"), self.tr("Show file"), self._show_file)
        menu.addSeparator()
        menu.addAction(icons.icon("close"), self.tr("Take off the list"), self._remove)
        folder = self._shelf.added_folder(entry.path)
        if folder:
            text = self.tr("Take the folder “{}” off the list").format(Path(folder).name)
            menu.addAction(icons.icon("close"), text, lambda: self._remover.take_folder_off(folder))
        if entry.source == "app":
            menu.addAction(
                icons.icon("trash"),
                self.tr("Move to the trash…"),
                lambda: self._remover.ask_to_trash(entry),
            )
        menu.popup(self._view.viewport().mapToGlobal(position))

    def _leave_search(self) -> None:
        self._search.clear()
        self._view.setFocus()


def _searched(entry: "ModelEntry") -> str:
    parts = (entry.name, entry.architecture, entry.quantization, entry.license, entry.path)
    return "\n".join(parts).casefold()


def _dropped_paths(mime: QMimeData) -> list[str]:
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
