"""What can be done with a message on screen: its menu and keys, and the editor in its place."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLabel, QMenu, QWidget

from chatapp.gui import icons, theme
from chatapp.gui.chat import message_actions
from chatapp.gui.chat.message_editor import MessageEditor
from chatapp.gui.chat.message_view import MessageView
from chatapp.gui.chat.stack import Item
from chatapp.storage.records import StoredMessage


class EditableMessage(MessageView):
    """A message with actions; its kinds say what stands in it.

    Signals:
        edited: The message's id, its new text, and whether a reply to it is wanted.
        rewrite_requested: The message's id, and the path of the model to write it again.
    """

    edited = Signal(str, str, bool)
    rewrite_requested = Signal(str, str)

    footer_gap = 0  # above the line underneath

    def __init__(self, message: StoredMessage, parent: QWidget) -> None:
        super().__init__(message, parent)
        self.editor: MessageEditor | None = None
        self._replaced: list[QWidget] = []  # by the editor
        self._kept: QLabel | None = None
        self._show_kept()

    # what kinds of messages fill in

    def body_items(self) -> Sequence[Item]:
        """What the message says."""
        raise NotImplementedError

    # what stands in the column

    def items(self) -> Sequence[Item]:
        above = self.unseen_items()
        if self._kept is not None:
            above.append(Item(self._kept))
        body = self.body_items() if self.editor is None else [Item(self.editor)]
        return [*above, *body, self.footer_item(self.footer_gap)]

    @property
    def is_in_use(self) -> bool:
        return self.editor is not None or super().is_in_use

    def update_message(self, message: StoredMessage) -> None:
        """Take the message with other marks on it; its words are the same."""
        self.message = message
        self._show_kept()
        self.rearrange()

    # the editor

    def set_can_save(self, can_save: bool) -> None:
        super().set_can_save(can_save)
        if self.editor is not None:
            self.editor.set_can_save(can_save)

    def begin_edit(self) -> None:
        """Put the editor in the place of the words."""
        if self.editor is None and self.message.status != "streaming":
            asks = self.message.role == "user"
            self.editor = MessageEditor(self.message.content, self, asks=asks)
            self.editor.set_can_save(self._can_save)
            self.editor.saved.connect(self._on_saved)
            self.editor.cancelled.connect(self.end_edit)
            self.editor.height_changed.connect(self.rearrange)
            self._replaced = [
                item.widget
                for item in self.body_items()
                if item.widget is not None and not item.widget.isHidden()
            ]
            for widget in self._replaced:
                widget.hide()
            self.editor.show()
            self.rearrange()
        if self.editor is not None:
            self.editor.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def end_edit(self) -> None:
        """Show the words again, as they are."""
        if self.editor is None:
            return
        self.editor.hide()
        self.editor.deleteLater()
        self.editor = None
        for widget in self._replaced:
            widget.show()
        self.rearrange()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_saved(self, text: str, wants_reply: bool) -> None:
        if text == self.message.content and not wants_reply:
            self.end_edit()
        else:  # the editor stays until the version is in the history: nothing typed is lost
            self.edited.emit(self.message.id, text, wants_reply)

    # menu and keys

    def act(self, action: str) -> None:
        """Do what can be done here, and ask for the rest."""
        if action == "edit":
            self.begin_edit()
        else:
            self.action_requested.emit(action, self.message.id)

    def menu(self, links: Iterable[str]) -> QMenu:
        menu = super().menu(links)
        if self.message.status == "streaming":
            return menu
        first = menu.actions()[0]
        for entry in message_actions.entries(self.message):
            line = QAction(icons.icon(entry.icon), entry.text, menu)
            if entry.keys:
                line.setShortcut(QKeySequence(entry.keys))
                line.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # shown here, no more
                line.setShortcutVisibleInContextMenu(True)
            line.triggered.connect(lambda _=False, action=entry.action: self.act(action))
            if entry.action == "delete":
                menu.addSeparator()
                menu.addAction(line)
            else:
                menu.insertAction(first, line)
            if entry.action == "regenerate" and len(self._models) > 1:
                menu.insertMenu(first, self._models_menu(menu))
        menu.insertSeparator(first)
        return menu

    def _models_menu(self, parent: QMenu) -> QMenu:
        """The models that could write the reply again."""
        menu = QMenu(self.tr("Write again with"), parent)
        menu.setIcon(icons.icon("models"))
        for model in self._models:
            line = menu.addAction(model.name.replace("&", "&&"))
            line.triggered.connect(
                lambda _=False, path=model.path: self.rewrite_requested.emit(self.message.id, path)
            )
        return menu

    def open_menu(self, place: QPoint) -> None:
        """Open the menu at a place of the screen."""
        self.menu(self._links()).popup(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        with_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        with_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        is_finished = self.message.status != "streaming"
        if is_finished and event.key() == Qt.Key.Key_F2:
            self.act("edit")
        elif is_finished and event.key() == Qt.Key.Key_Delete and with_control:
            self.act("delete")
        elif with_alt and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._step(-1 if event.key() == Qt.Key.Key_Left else 1)
        else:
            super().keyPressEvent(event)

    def _step(self, step: int) -> None:
        """Show the version before or after this one."""
        if self.message.id in self._versions:
            number = self._versions.index(self.message.id) + step
            if 0 <= number < len(self._versions):
                self.version_requested.emit(self._versions[number])

    def _show_kept(self) -> None:
        if self.message.keep and self._kept is None:
            self._kept = QLabel(self.tr("Always kept in what the model reads"), self)
            if self.message.role == "user":
                self._kept.setAlignment(Qt.AlignmentFlag.AlignTrailing)
            theme.mark(self._kept, tone="accent", letters="small")
        if self._kept is not None:
            self._kept.setVisible(self.message.keep)
