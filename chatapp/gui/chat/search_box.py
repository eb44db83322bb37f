"""The field that searches everything, with a line of help about what can be typed."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from chatapp.gui import theme
from chatapp.gui.fields import SearchField
from chatapp.gui.shortcuts import Shortcuts
from chatapp.storage.search_query import parse

_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
_OPEN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SearchBox(QWidget):
    """Tells what is typed as it is typed; the arrow keys and Enter go to what was found.

    Signals:
        changed: What is typed now.
        stepped: Down (1) or Up (-1) was pressed.
        entered: Enter was pressed.
        left: Escape was pressed in the empty field.
    """

    changed = Signal(str)
    stepped = Signal(int)
    entered = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        hint, name = self.tr("Search everything"), self.tr("Search titles and messages")
        self._field = SearchField(hint, name, self)
        self._help = QLabel(self)
        self._help.setObjectName("searchHelp")
        self._help.setWordWrap(True)
        theme.mark(self._help, tone="muted", letters="small")
        self._help.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._field)
        layout.addWidget(self._help)
        self.setFocusProxy(self._field)
        self._field.textChanged.connect(self._on_changed)
        self._field.installEventFilter(self)

    def show_keys(self, shortcuts: Shortcuts) -> None:
        """Name the keys in force."""
        self._field.setToolTip(shortcuts.tip(self.tr("Search"), "search"))

    def text(self) -> str:
        """What is typed, without the spaces around it."""
        return self._field.text().strip()

    @property
    def asks_anything(self) -> bool:
        """Whether what is typed says by now what is to be found."""
        query = parse(self._field.text())
        return bool(query.terms) or query.has_filters

    def open(self) -> None:
        """Put the cursor here, what was typed before chosen to be typed over."""
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()

    def clear(self) -> None:
        """Search for nothing any more."""
        self._field.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys that belong to what was found, and show the help with the focus."""
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
                event.accept()  # else Escape would stop a reply
                return True
            if event.type() == QEvent.Type.KeyPress:
                return self._take(event)
        elif isinstance(event, QFocusEvent):
            self._show_help(event.gotFocus())
        return super().eventFilter(watched, event)

    def _take(self, event: QKeyEvent) -> bool:
        if event.key() in _STEPS:
            self.stepped.emit(_STEPS[Qt.Key(event.key())])
        elif event.key() in _OPEN:
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            if self._field.text():
                self.clear()
            else:
                self.left.emit()
        else:
            return False
        return True

    def _on_changed(self) -> None:
        self._show_help(self._field.hasFocus())
        self.changed.emit(self.text())

    def _show_help(self, has_focus: bool) -> None:
        query = parse(self._field.text())
        if query.unread:
            self._help.setText(self._hint(query.unread[0]))
        else:
            self._help.setText(
                self.tr("Narrow it down with {}").format(
                    "model: role: before: after: pinned: folder:"
                )
            )
        self._help.setVisible(has_focus or bool(query.unread))

    def _hint(self, typed: str) -> str:
        """What a filter wants that does not say anything yet."""
        hints = {
            "model": self.tr("model: wants a part of a model's name"),
            "role": self.tr("role: wants user, assistant or system"),
            "before": self.tr("before: wants a year, a month or a day, such as 2024-05-31"),
            "after": self.tr("after: wants a year, a month or a day, such as 2024-05-31"),
            "pinned": self.tr("pinned: wants yes or no"),
            "folder": self.tr("folder: wants the name of a folder, in quotes if it has spaces"),
        }
        return hints[typed.partition(":")[0].lower()]
