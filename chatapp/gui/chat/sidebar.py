"""The sidebar: a new chat, a filter over titles, and the conversations."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from chatapp.gui import icons, theme
from chatapp.gui.chat.conversation_list import ID_ROLE, ConversationDelegate, ConversationModel
from chatapp.storage.records import ConversationSummary

WIDTH = 260
_DELETE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_OPEN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ConversationView(QListView):
    """The list with its keys: Enter opens, F2 renames, Ctrl+Delete deletes, Ctrl+Z brings back."""

    opened = Signal(str)
    delete_requested = Signal(str)
    undo_requested = Signal()
    edit_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("conversationList")
        self.setMouseTracking(True)  # the line under the pointer is painted as such
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )
        # Thousands of conversations are laid out while the window already stands.
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setItemDelegate(ConversationDelegate(self))
        self.setAccessibleName(self.tr("Conversations"))
        self.clicked.connect(self._open)

    @property
    def is_editing(self) -> bool:
        """Whether a title is being changed."""
        return self.state() == QAbstractItemView.State.EditingState

    def keyPressEvent(self, event: QKeyEvent) -> None:
        with_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() in _OPEN:
            self._open(self.currentIndex())
        elif event.key() in _DELETE and with_control:
            self._delete(self.currentIndex())
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo_requested.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if index.data(ID_ROLE) is None:
            return
        menu = self.menu(index)
        menu.popup(event.globalPos() if by_mouse else self._below(index))

    def menu(self, index: QModelIndex) -> QMenu:
        """What can be done with one conversation."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rename = menu.addAction(icons.icon("edit"), self.tr("Rename"))
        rename.setShortcut(QKeySequence(Qt.Key.Key_F2))
        rename.triggered.connect(lambda: self.edit(index))
        delete = menu.addAction(icons.icon("trash"), self.tr("Delete"))
        delete.setShortcut(QKeySequence(self.tr("Ctrl+Del")))
        delete.triggered.connect(lambda: self._delete(index))
        return menu

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        super().closeEditor(editor, hint)
        self.edit_ended.emit()

    def _below(self, index: QModelIndex) -> QPoint:
        return self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())

    def _open(self, index: QModelIndex) -> None:
        conversation_id = index.data(ID_ROLE)
        if conversation_id is not None:
            self.opened.emit(conversation_id)

    def _delete(self, index: QModelIndex) -> None:
        conversation_id = index.data(ID_ROLE)
        if conversation_id is not None:
            self.delete_requested.emit(conversation_id)


class Sidebar(QFrame):
    """Everything left of the conversation."""

    new_requested = Signal()
    conversation_requested = Signal(str)
    rename_requested = Signal(str, str)
    delete_requested = Signal(str)
    undo_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setFixedWidth(WIDTH)
        self._summaries: tuple[ConversationSummary, ...] = ()
        self._current_id: str | None = None
        self._new = QPushButton(icons.icon("plus", "text"), self.tr("New chat"), self)
        self._new.setObjectName("newChat")
        self._filter = QLineEdit(self)
        self._filter.setPlaceholderText(self.tr("Search titles"))
        self._filter.setAccessibleName(self.tr("Search the titles of conversations"))
        self._filter.setClearButtonEnabled(True)
        leading = QLineEdit.ActionPosition.LeadingPosition
        self._filter.addAction(icons.icon("search"), leading)
        self._model = ConversationModel(self)
        self._view = ConversationView(self)
        self._view.setModel(self._model)
        self._nothing = QLabel(self)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._nothing.setWordWrap(True)
        theme.mark(self._nothing, tone="muted", letters="small")
        self._lay_out()
        self._connect()
        self._fill()

    def set_conversations(
        self, summaries: Sequence[ConversationSummary], current_id: str | None
    ) -> None:
        """Show these conversations, newest first, `current_id` being the open one."""
        self._summaries = tuple(summaries)
        self._current_id = current_id
        if not self._view.is_editing:  # a title being typed is not taken away
            self._fill()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down leads from the filter into the list, Escape empties it."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down:
                self._view.setFocus(Qt.FocusReason.TabFocusReason)
                return True
            if event.key() == Qt.Key.Key_Escape and self._filter.text():
                self._filter.clear()
                return True
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        hint = QLabel(self.tr("Ctrl N"), self._new)
        hint.setObjectName("keyHint")
        inside = QHBoxLayout(self._new)
        inside.setContentsMargins(0, 0, 10, 0)
        inside.addStretch()
        inside.addWidget(hint, 0, Qt.AlignmentFlag.AlignVCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 0)
        layout.setSpacing(8)
        layout.addWidget(self._new)
        layout.addWidget(self._filter)
        layout.addWidget(self._nothing)
        layout.addWidget(self._view, 1)

    def _connect(self) -> None:
        self._new.clicked.connect(self.new_requested)
        self._filter.textChanged.connect(self._fill)
        self._filter.installEventFilter(self)
        self._view.opened.connect(self.conversation_requested)
        self._view.delete_requested.connect(self.delete_requested)
        self._view.undo_requested.connect(self.undo_requested)
        self._view.edit_ended.connect(self._fill)
        self._model.renamed.connect(self.rename_requested)
        theme.notifier.changed.connect(self._view.viewport().update)

    def _fill(self) -> None:
        wanted = self._filter.text().strip().casefold()
        shown = [entry for entry in self._summaries if wanted in entry.title.casefold()]
        self._model.set_conversations(shown, self._current_id)
        row = self._model.row_of(self._current_id)
        if row >= 0 and not self._view.currentIndex().isValid():
            self._view.setCurrentIndex(self._model.index(row))
        self._nothing.setVisible(not shown)
        self._nothing.setText(
            self.tr("No title contains this.")
            if wanted
            else self.tr("Your conversations appear here.")
        )
