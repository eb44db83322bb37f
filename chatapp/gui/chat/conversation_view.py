"""The list of conversations with its keys, its menu, choosing several of them, and dragging."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QItemSelection, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QInputDialog,
    QListView,
    QMenu,
    QWidget,
)

from chatapp.gui import icons
from chatapp.gui.chat.conversation_list import (
    GROUP_ROLE,
    ID_ROLE,
    ConversationDelegate,
    ConversationModel,
    Group,
)

_DELETE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_OPEN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SEVERAL = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class ConversationView(QListView):
    """Enter opens, F2 renames, Ctrl+Delete deletes, Ctrl+Z brings back, Ctrl+A chooses all.

    Signals:
        opened: A conversation is to be shown.
        chosen: The conversations chosen have changed: none, or more than one.
        delete_requested, export_requested: Carry ids.
        archive_requested: Ids, and whether they go into the archive or out of it.
        pin_requested: Ids, and whether they are to be pinned.
        move_requested: Ids, and the folder they go into; the empty name is none.
        edit_ended: A title is no longer being changed.
    """

    opened = Signal(str)
    chosen = Signal(object)
    delete_requested = Signal(object)
    export_requested = Signal(object)
    archive_requested = Signal(object, bool)
    pin_requested = Signal(object, bool)
    move_requested = Signal(object, str)
    undo_requested = Signal()
    edit_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("conversationList")
        self.setMouseTracking(True)  # the line under the pointer is painted as such
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )
        self.setUniformItemSizes(True)  # ten thousand are laid out at once
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self._is_choosing = False  # by the click under way
        self._delegate = ConversationDelegate(self)
        self.setItemDelegate(self._delegate)
        self._model = ConversationModel(self)
        self.setModel(self._model)
        self.setAccessibleName(self.tr("Conversations"))
        self.clicked.connect(self._on_clicked)
        self._model.dropped.connect(self._on_dropped)
        self._model.modelReset.connect(self._on_selection)

    @property
    def conversations(self) -> ConversationModel:
        """What stands in the list."""
        return self._model

    @property
    def is_editing(self) -> bool:
        """Whether a title is being changed."""
        return self.state() == QAbstractItemView.State.EditingState

    def chosen_ids(self) -> list[str]:
        """The conversations chosen, from the top down, if they are more than one."""
        selection = self.selectionModel().selection()
        spans = [selection.at(number) for number in range(selection.count())]
        rows = sorted(row for span in spans for row in range(span.top(), span.bottom() + 1))
        ids = self._model.ids(rows)
        return ids if len(ids) > 1 else []

    def menu(self, index: QModelIndex) -> QMenu:
        """What can be done with a conversation, or with all that are chosen if it is one."""
        ids = self._ids(index)
        summary = self._model.summary(index)
        assert summary is not None
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if len(ids) == 1:
            rename = menu.addAction(icons.icon("edit"), self.tr("Rename"))
            rename.setShortcut(QKeySequence(Qt.Key.Key_F2))
            rename.triggered.connect(lambda: self.edit(index))
        pin = menu.addAction(
            icons.icon("pin"), self.tr("Unpin") if summary.pinned else self.tr("Pin")
        )
        pin.triggered.connect(lambda: self.pin_requested.emit(ids, not summary.pinned))
        menu.addMenu(self.folder_menu(ids, summary.folder, menu))
        is_archived = summary.archived_at is not None
        archive = menu.addAction(
            icons.icon("archive"),
            self.tr("Take out of the archive") if is_archived else self.tr("Archive"),
        )
        archive.triggered.connect(lambda: self.archive_requested.emit(ids, not is_archived))
        export = menu.addAction(icons.icon("export"), self.tr("Export…"))
        export.triggered.connect(lambda: self.export_requested.emit(ids))
        menu.addSeparator()
        delete = menu.addAction(icons.icon("trash"), self.tr("Delete"))
        delete.setShortcut(QKeySequence(self.tr("Ctrl+Del")))
        delete.triggered.connect(lambda: self.delete_requested.emit(ids))
        return menu

    def folder_menu(self, ids: Sequence[str], folder: str, parent: QWidget) -> QMenu:
        """Where conversations can be moved; `folder` is where they are."""
        menu = QMenu(self.tr("Move to folder"), parent)
        menu.setIcon(icons.icon("folder"))
        for name in self._model.folders():
            action = menu.addAction(name.replace("&", "&&"))
            action.setEnabled(name != folder)
            action.triggered.connect(partial(self._move, ids, name))
        menu.addAction(self.tr("New folder…")).triggered.connect(lambda: self._ask_folder(ids))
        if folder:
            menu.addSeparator()
            out = menu.addAction(self.tr("Out of “{}”").format(folder.replace("&", "&&")))
            out.triggered.connect(partial(self._move, ids, ""))
        return menu

    # Qt

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self.chosen_ids()
        ):
            event.accept()  # else Escape would stop a reply
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        with_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() in _OPEN:
            self._open(self.currentIndex())
        elif event.key() in _DELETE and with_control:
            ids = self._ids(self.currentIndex())
            if ids:
                self.delete_requested.emit(ids)
        elif event.key() == Qt.Key.Key_Escape and self.chosen_ids():
            self.clearSelection()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo_requested.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._is_choosing = bool(event.modifiers() & _SEVERAL)
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not event.modifiers() & _SEVERAL:  # with those it goes on choosing
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if index.data(ID_ROLE) is None:
            return
        menu = self.menu(index)
        menu.popup(event.globalPos() if by_mouse else self._below(index))

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self._on_selection()

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        super().closeEditor(editor, hint)
        self.edit_ended.emit()

    # inside

    def _ids(self, index: QModelIndex) -> list[str]:
        """All that are chosen if that line is among them, else that one."""
        chosen = self.chosen_ids()
        conversation_id = index.data(ID_ROLE)
        if conversation_id in chosen:
            return chosen
        return [] if conversation_id is None else [conversation_id]

    def _on_selection(self) -> None:
        chosen = self.chosen_ids()
        self._delegate.shows_selection = bool(chosen)
        self.viewport().update()
        self.chosen.emit(chosen)

    def _on_clicked(self, index: QModelIndex) -> None:
        if not self._is_choosing:
            self._open(index)

    def _open(self, index: QModelIndex) -> None:
        group, conversation_id = index.data(GROUP_ROLE), index.data(ID_ROLE)
        if conversation_id is not None:
            self.opened.emit(conversation_id)
        elif group is not None and group.folder:
            self._model.toggle(group.folder)

    def _on_dropped(self, ids: Sequence[str], group: Group) -> None:
        if group.is_pinned:
            self.pin_requested.emit(ids, True)
        else:
            self.move_requested.emit(ids, group.folder)

    def _move(self, ids: Sequence[str], folder: str) -> None:
        self.move_requested.emit(ids, folder)

    def _move_to_new(self, ids: Sequence[str], name: str) -> None:
        folder = " ".join(name.split())
        if folder:
            self._move(ids, folder)

    def _ask_folder(self, ids: Sequence[str]) -> None:
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(self.tr("New folder"))
        dialog.setLabelText(self.tr("Name of the folder"))
        dialog.setOkButtonText(self.tr("Move"))
        dialog.setCancelButtonText(self.tr("Cancel"))
        dialog.textValueSelected.connect(lambda name: self._move_to_new(ids, name))
        dialog.open()

    def _below(self, index: QModelIndex) -> QPoint:
        return self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())
