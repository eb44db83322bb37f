"""The sidebar: a new chat, a search through everything, and the conversations."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from chatapp.gui import icons, theme
from chatapp.gui.chat.conversation_view import ConversationView
from chatapp.gui.chat.search_box import SearchBox
from chatapp.gui.chat.selection_bar import SelectionBar
from chatapp.gui.shortcuts import Shortcuts
from chatapp.storage.records import ConversationSummary
from chatapp.storage.snippets import Hit

if TYPE_CHECKING:
    from chatapp.gui.chat.search_results import ResultView

WIDTH = 260
_WIDEST = 340  # also where letters are large: the conversation needs the room


class Sidebar(QFrame):
    """Everything left of the conversation.

    Attributes:
        view: The list of conversations; its wishes are signals of its own.

    Signals:
        conversation_requested: A conversation is to be shown.
        hit_requested: A conversation, and the message in it that was found, if it was one.
        search_requested: What is looked for; empty when the search is over.
        archive_shown: Whether the archive is looked at instead of the list.
        rename_requested: An id, and the title it is to have.
        left: The user is done here.
    """

    new_requested = Signal()
    incognito_requested = Signal()
    import_requested = Signal()
    export_all_requested = Signal()
    trash_requested = Signal()
    conversation_requested = Signal(str)
    hit_requested = Signal(str, str)
    search_requested = Signal(str)
    archive_shown = Signal(bool)
    rename_requested = Signal(str, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self._fit()
        theme.notifier.resized.connect(self._fit)
        self._summaries: tuple[ConversationSummary, ...] = ()
        self._current_id: str | None = None
        self._new = QPushButton(icons.icon("plus", "text"), self.tr("New chat"), self)
        self._new.setObjectName("newChat")
        self._more = QToolButton(self)
        self._new_keys = QLabel(self._new)
        self._box = SearchBox(self)
        self._archive = QPushButton(icons.icon("chevron-left"), self.tr("Archived"), self)
        self.view = ConversationView(self)
        self._bar = SelectionBar(self.view, self)
        self._nothing = QLabel(self)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._nothing.setWordWrap(True)
        self._nothing.setObjectName("nothingListed")
        theme.mark(self._nothing, tone="muted", letters="small")
        self._lay_out()
        self._connect()
        self._fill()

    @property
    def shows_archive(self) -> bool:
        """Whether the archive is on show instead of the list."""
        return not self._archive.isHidden()

    def set_conversations(
        self, summaries: Sequence[ConversationSummary], current_id: str | None
    ) -> None:
        """Show these conversations, newest first, `current_id` being the open one."""
        self._summaries = tuple(summaries)
        self._current_id = current_id
        if not self.view.is_editing:  # a title being typed is not taken away
            self._fill()

    def set_hits(self, hits: Sequence[Hit]) -> None:
        """Show what the search has found."""
        self._results.set_hits(hits)
        self._show_right_list(has_hits=bool(hits) or not self._box.asks_anything)

    def open_search(self) -> None:
        """Put the cursor into the search field."""
        self._box.open()

    def show_keys(self, shortcuts: Shortcuts) -> None:
        """Name the keys in force wherever they are named."""
        self._new_keys.setText(shortcuts.words("new"))
        self._new_keys.setVisible(bool(shortcuts.keys("new")))
        self._box.show_keys(shortcuts)

    @cached_property
    def _results(self) -> "ResultView":
        """The list of what was found; made for the first search."""
        from chatapp.gui.chat.search_results import ResultView

        results = ResultView(self)
        results.opened.connect(self.hit_requested)
        theme.notifier.changed.connect(results.scheduleDelayedItemsLayout)
        self._lists.addWidget(results)
        return results

    def _fit(self) -> None:
        self.setFixedWidth(min(theme.px(WIDTH), _WIDEST))

    def _lay_out(self) -> None:
        self._new_keys.setObjectName("keyHint")
        inside = QHBoxLayout(self._new)
        inside.setContentsMargins(0, 0, 10, 0)
        inside.addStretch()
        inside.addWidget(self._new_keys, 0, Qt.AlignmentFlag.AlignVCenter)
        self._more.setIcon(icons.icon("more"))
        self._more.setAccessibleName(self.tr("More about conversations"))
        self._more.setToolTip(self.tr("Archive, trash, import, export"))
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        theme.mark(self._more, kind="icon")
        self._more.setMenu(self._menu())
        self._archive.setAccessibleName(self.tr("Back from the archive"))
        theme.mark(self._archive, kind="quiet")
        self._archive.hide()
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self._new, 1)
        top.addWidget(self._more)
        self._lists = QStackedLayout()
        self._lists.addWidget(self.view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 0)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self._box)
        layout.addWidget(self._archive, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._nothing)
        layout.addLayout(self._lists, 1)
        layout.addWidget(self._bar)

    def _menu(self) -> QMenu:
        menu = QMenu(self._more)
        menu.setAccessibleName(self.tr("More about conversations"))
        entries = (
            ("incognito", self.tr("New incognito chat"), self.incognito_requested.emit),
            ("archive", self.tr("Archived"), lambda: self._show_archive(True)),
            ("trash", self.tr("Trash…"), self.trash_requested.emit),
            ("import", self.tr("Import…"), self.import_requested.emit),
            ("export", self.tr("Export…"), self.export_all_requested.emit),
        )
        for icon, text, call in entries:
            menu.addAction(icons.icon(icon), text).triggered.connect(lambda _=False, c=call: c())
        return menu

    def _connect(self) -> None:
        self._new.clicked.connect(self.new_requested)
        self._box.changed.connect(self._on_search)
        self._box.stepped.connect(self._on_step)
        self._box.entered.connect(lambda: self._results.open_current())
        self._box.left.connect(self.left)
        self._archive.clicked.connect(lambda: self._show_archive(False))
        self.view.opened.connect(self.conversation_requested)
        self.view.edit_ended.connect(self._fill)
        self.view.conversations.renamed.connect(self.rename_requested)
        theme.notifier.changed.connect(self.view.scheduleDelayedItemsLayout)

    def _fill(self) -> None:
        model = self.view.conversations
        model.set_conversations(self._summaries, self._current_id)
        row = model.row_of(self._current_id)
        if row >= 0 and not self.view.currentIndex().isValid():
            self.view.setCurrentIndex(model.index(row))
        self._show_right_list(has_hits=True)

    def _on_search(self, text: str) -> None:
        self.view.clearSelection()  # what is not seen is not to be deleted
        self.search_requested.emit(text)
        if not text:
            self._results.set_hits(())
        self._show_right_list(has_hits=True)  # what was found before stays until there is more

    def _on_step(self, by: int) -> None:
        if self._box.text():
            self._results.step(by)
        elif by > 0:
            self.view.setFocus(Qt.FocusReason.TabFocusReason)

    def _show_archive(self, is_shown: bool) -> None:
        self._box.clear()
        self._archive.setVisible(is_shown)
        self.set_conversations((), self._current_id)
        self.archive_shown.emit(is_shown)

    def _show_right_list(self, *, has_hits: bool) -> None:
        is_searching = bool(self._box.text())
        self._lists.setCurrentWidget(self._results if is_searching else self.view)
        if is_searching:
            self._nothing.setText(self.tr("Nothing was found."))
        elif self.shows_archive:
            self._nothing.setText(self.tr("Nothing is archived."))
        else:
            self._nothing.setText(self.tr("Your conversations appear here."))
        is_empty = not has_hits if is_searching else not self._summaries
        self._nothing.setVisible(is_empty)
