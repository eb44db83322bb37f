"""The saved prompts, offered above the prompt box while what is typed begins with a slash."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
    SignalInstance,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from chatapp.gui import theme
from chatapp.gui.chat.announcement import announce
from chatapp.gui.chat.prompt_box import PromptBox
from chatapp.gui.saved_prompts import SavedPrompt

_ROWS = 6  # on show at once
_ROW_HEIGHT = 32
_GAP = 6
_NAME_ROLE = Qt.ItemDataRole.UserRole
_LINE_ROLE = Qt.ItemDataRole.UserRole + 1
_CHOOSE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -_ROWS,
    Qt.Key.Key_PageDown: _ROWS,
}


class _Delegate(QStyledItemDelegate):
    """Paints the name of a prompt, and its first line quietly beside it."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        self.initStyleOption(option, index)
        option.text = ""
        option.state &= ~QStyle.StateFlag.State_MouseOver  # one row is marked, not two
        option.widget.style().drawControl(
            option.widget.style().ControlElement.CE_ItemViewItem, option, painter, option.widget
        )
        room = option.rect.adjusted(10, 0, -10, 0)
        side = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        metrics = option.fontMetrics
        end = Qt.TextElideMode.ElideRight
        name = metrics.elidedText(index.data(_NAME_ROLE), end, room.width() // 2)
        painter.setPen(theme.colour("text"))
        painter.drawText(room, side, name)
        room.setLeft(room.left() + metrics.horizontalAdvance(name) + 12)
        painter.setPen(theme.colour("muted"))
        painter.drawText(room, side, metrics.elidedText(index.data(_LINE_ROLE), end, room.width()))

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(0, _ROW_HEIGHT)


class PromptPicker(QFrame):
    """A list above the prompt box. The keys stay in the prompt; those that choose come here.

    Signals:
        save_requested: What is written is to become a saved prompt.
        manage_requested: The saved prompts are to be looked after.
    """

    save_requested = Signal()
    manage_requested = Signal()

    def __init__(self, box: PromptBox) -> None:
        super().__init__(box.window())
        self.setObjectName("promptPicker")
        self._box = box
        self._prompts: Sequence[SavedPrompt] = ()
        self._found: Sequence[SavedPrompt] = ()
        self._is_open = False  # but hidden while nothing matches
        self._is_slash = False
        self._list = QListWidget(self)
        self._list.setAccessibleName(self.tr("Saved prompts"))
        self._list.setItemDelegate(_Delegate(self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setMouseTracking(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self._list)
        self._list.currentTextChanged.connect(lambda row: announce(box.edit, lambda: row))
        self._list.itemEntered.connect(self._list.setCurrentItem)
        self._list.itemClicked.connect(self._choose)
        box.edit.textChanged.connect(self._on_text_changed)
        box.edit.installEventFilter(self)
        box.installEventFilter(self)
        self.hide()

    def offer(self, prompts: Sequence[SavedPrompt]) -> None:
        """Show those of `prompts` that match what is typed after a slash, else all of them."""
        text = self._box.text()
        self._prompts = prompts
        self._is_slash = text.startswith("/")
        self._is_open = True
        self._box.edit.setFocus()
        self._filter()

    def close_list(self) -> None:
        """Go away; the next slash brings the list back."""
        self._is_open = False
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys that choose, and go when the prompt is left."""
        if self.isHidden():
            return False
        if watched is self._box:
            if event.type() in (QEvent.Type.Move, QEvent.Type.Resize):
                self._place()
        elif event.type() == QEvent.Type.FocusOut:
            self.close_list()
        elif isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress:
                return self._take_key(Qt.Key(event.key()))
            if event.key() == Qt.Key.Key_Escape:  # it is not to stop a reply as well
                event.accept()
        return False

    def _take_key(self, key: Qt.Key) -> bool:
        if key == Qt.Key.Key_Escape:
            self.close_list()
        elif key in _STEPS:
            row = self._list.currentRow() + _STEPS[key]
            self._list.setCurrentRow(max(0, min(self._list.count() - 1, row)))
        elif key in _CHOOSE:
            self._choose()
        else:
            return False
        return True

    def _choose(self) -> None:
        row, wishes = self._list.currentRow(), self._wishes()
        self.close_list()
        if self._is_slash:
            self._box.edit.clear()
        if row < len(self._found):
            self._box.edit.fill_in(self._found[row].text)
        else:
            wishes[row - len(self._found)][1].emit()

    def _wishes(self) -> Sequence[tuple[str, SignalInstance]]:
        """What can be done besides: the rows below the prompts."""
        manage = (self.tr("Edit saved prompts…"), self.manage_requested)
        if self._is_slash or not self._box.text().strip():
            return (manage,)
        return (self.tr("Save what is written…"), self.save_requested), manage

    def _on_text_changed(self) -> None:
        if not self._is_open:
            return
        if self._is_slash and self._box.text().startswith("/"):
            self._filter()
        else:
            self.close_list()

    def _filter(self) -> None:
        query = self._box.text()[1:] if self._is_slash else ""
        self._found = [prompt for prompt in self._prompts if prompt.matches(query)]
        self._list.clear()
        for prompt in self._found:
            self._add_row(prompt.name, prompt.first_line())
        for name, _ in self._wishes():
            self._add_row(name, "")
        self._list.setCurrentRow(0)
        self._list.setFixedHeight(min(_ROWS, self._list.count()) * _ROW_HEIGHT + 2)
        self.setVisible(bool(self._found) or not query)
        self._place()

    def _add_row(self, name: str, line: str) -> None:
        item = QListWidgetItem(f"{name}: {line}" if line else name, self._list)
        item.setData(_NAME_ROLE, name)
        item.setData(_LINE_ROLE, line)

    def _place(self) -> None:
        self.adjustSize()
        self.resize(min(self._box.width(), 560), self.sizeHint().height())
        corner = self._box.mapTo(self.window(), self._box.rect().topLeft())
        self.move(corner.x(), corner.y() - self.height() - _GAP)
        self.raise_()
