"""The keys that do something: the one table of them, and which are in force.

Knows nothing about what they do: a widget binds a name of the table to what it does.
"""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from chatapp.settings import SettingsFile

Scope = Literal["everywhere", "chat", "models"]

_WITH = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


class Shortcut(NamedTuple):
    """One row of the table; `is_fixed` for keys that belong to a field and cannot be changed."""

    name: str
    scope: Scope
    text: str  # what it does
    keys: tuple[str, ...]  # as they are at first, each another way to do the same
    is_fixed: bool = False


class Shortcuts(QObject):
    """The table, the keys the user chose, and the widgets that listen to them.

    Attributes:
        table: Every shortcut, by its name.

    Signals:
        changed: Other keys are in force.
    """

    changed = Signal()

    def __init__(self, settings: SettingsFile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.table = {row.name: row for row in self._rows()}
        self._settings = settings
        self._chosen = settings.current.shortcuts
        self._bound: list[tuple[str, QShortcut]] = []
        settings.listen(self._follow)

    def groups(self) -> dict[str, list[Shortcut]]:
        """The shortcuts under the names of the places where they work."""
        titles = {
            "everywhere": self.tr("Everywhere"),
            "chat": self.tr("In a conversation"),
            "models": self.tr("Among the models"),
        }
        return {
            title: [row for row in self.table.values() if row.scope == scope]
            for scope, title in titles.items()
        }

    def keys(self, name: str) -> tuple[QKeySequence, ...]:
        """The keys in force; none where the user took them away."""
        own = self._chosen.get(name)
        if own is None or (own and not is_usable(QKeySequence(own))):
            return tuple(QKeySequence(keys) for keys in self.table[name].keys)
        return (QKeySequence(own),) if own else ()

    def words(self, name: str) -> str:
        """The keys as they are written on this system's keyboards."""
        native = QKeySequence.SequenceFormat.NativeText
        # Keys are written from left to right in every language.
        mark = "\u200e" if QGuiApplication.isRightToLeft() else ""
        return self.tr(" or ").join(
            f"{mark}{keys.toString(native)}{mark}" for keys in self.keys(name)
        )

    def tip(self, text: str, name: str) -> str:
        """What a button does, followed by the keys that do it too."""
        words = self.words(name)
        return f"{text} ({words})" if words else text

    def bind(self, name: str, owner: QWidget, action: Callable[[], object]) -> None:
        """Do `action` when the keys are pressed in the window of `owner`.

        A shortcut of one place works only inside its `owner`.
        """
        shortcut = QShortcut(owner)
        if self.table[name].scope != "everywhere":
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.setKeys(list(self.keys(name)))
        shortcut.activated.connect(action)
        self._bound.append((name, shortcut))
        shortcut.destroyed.connect(lambda: self._forget(shortcut))

    @property
    def bound(self) -> frozenset[str]:
        """The names that do something now."""
        return frozenset(name for name, _ in self._bound)

    def is_changed(self, name: str) -> bool:
        """Whether the user chose other keys."""
        return name in self._chosen

    def clash(self, name: str, keys: QKeySequence) -> Shortcut | None:
        """The other shortcut that these keys belong to, where both could be meant."""
        scope = self.table[name].scope
        for other in self.table.values():
            meets = "everywhere" in (scope, other.scope) or scope == other.scope
            if other.name != name and meets and keys in self.keys(other.name):
                return other
        return None

    def choose(self, name: str, keys: QKeySequence) -> None:
        """Use these keys from now on; an empty sequence takes them away."""
        portable = keys.toString(QKeySequence.SequenceFormat.PortableText)
        self._settings.change(shortcuts={**self._chosen, name: portable})

    def reset(self, *names: str) -> None:
        """Put the keys of these names, or of all, back to what they were at first."""
        gone = names or tuple(self._chosen)
        left = {name: keys for name, keys in self._chosen.items() if name not in gone}
        self._settings.change(shortcuts=left)

    def _follow(self) -> None:
        if self._settings.current.shortcuts == self._chosen:
            return
        self._chosen = self._settings.current.shortcuts
        for name, shortcut in self._bound:
            shortcut.setKeys(list(self.keys(name)))
        self.changed.emit()

    def _forget(self, shortcut: QShortcut) -> None:
        self._bound = [pair for pair in self._bound if pair[1] is not shortcut]

    def _rows(self) -> Iterator[Shortcut]:
        yield Shortcut("new", "everywhere", self.tr("New conversation"), ("Ctrl+N",))
        yield Shortcut("incognito", "everywhere", self.tr("New incognito chat"), ("Ctrl+Shift+N",))
        yield Shortcut("chat", "everywhere", self.tr("Go to the conversations"), ("Ctrl+1",))
        yield Shortcut("models", "everywhere", self.tr("Go to the models"), ("Ctrl+2",))
        yield Shortcut("lab", "everywhere", self.tr("Go to the Lab"), ("Ctrl+3",))
        search = ("Ctrl+K", "Ctrl+Shift+F")
        yield Shortcut("search", "everywhere", self.tr("Search titles and messages"), search)
        yield Shortcut("sidebar", "everywhere", self.tr("Show or hide the list"), ("Ctrl+B",))
        yield Shortcut("settings", "everywhere", self.tr("Settings"), ("Ctrl+,",))
        yield Shortcut("shortcuts", "everywhere", self.tr("Keys: this list"), ("Ctrl+/",))
        yield Shortcut("larger", "everywhere", self.tr("Larger letters"), ("Ctrl++", "Ctrl+="))
        yield Shortcut("smaller", "everywhere", self.tr("Smaller letters"), ("Ctrl+-",))
        yield Shortcut("usual_size", "everywhere", self.tr("Letters of usual size"), ("Ctrl+0",))
        yield Shortcut("quit", "everywhere", self.tr("Close chatapp"), ("Ctrl+Q",))
        yield Shortcut("stop", "chat", self.tr("Stop the reply"), ("Esc",))
        yield Shortcut("find", "chat", self.tr("Find in the conversation"), ("Ctrl+F",))
        yield Shortcut("add_model", "models", self.tr("Add a model file"), ("Ctrl+O",))
        yield Shortcut("find_model", "models", self.tr("Find a model"), ("Ctrl+F",))
        yield from self._fixed_rows()

    def _fixed_rows(self) -> Iterator[Shortcut]:
        rows: tuple[tuple[Scope, str, tuple[str, ...]], ...] = (
            ("chat", self.tr("Send the message"), ("Return",)),
            ("chat", self.tr("Begin a new line"), ("Shift+Return",)),
            ("chat", self.tr("Take back the last message, in an empty prompt"), ("Up",)),
            ("chat", self.tr("Choose a saved prompt, in an empty prompt"), ("/",)),
            ("chat", self.tr("Go to the message before or after"), ("Ctrl+Up", "Ctrl+Down")),
            ("chat", self.tr("Scroll the conversation from the prompt"), ("PgUp", "PgDown")),
            ("chat", self.tr("Rename the chosen conversation"), ("F2",)),
            ("chat", self.tr("Delete the chosen conversation"), ("Ctrl+Del",)),
            ("everywhere", self.tr("Copy"), ("Ctrl+C",)),
            ("everywhere", self.tr("Cut"), ("Ctrl+X",)),
            ("everywhere", self.tr("Paste"), ("Ctrl+V",)),
            ("everywhere", self.tr("Choose all"), ("Ctrl+A",)),
            ("everywhere", self.tr("Undo"), ("Ctrl+Z",)),
            ("everywhere", self.tr("Go to the next field or button"), ("Tab",)),
            ("everywhere", self.tr("Go back to the one before"), ("Shift+Tab",)),
        )
        for scope, text, keys in rows:
            yield Shortcut(f"fixed {keys[0]}", scope, text, keys, is_fixed=True)


def is_usable(keys: QKeySequence) -> bool:
    """Whether keys leave those alone that one writes and moves with."""
    if keys.count() != 1:
        return False
    pressed = keys[0]  # type: ignore[index]
    key = pressed.key()
    is_alone = not pressed.keyboardModifiers() & _WITH
    is_function_key = Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35
    is_known = key != Qt.Key.Key_unknown
    return is_known and (not is_alone or is_function_key or key == Qt.Key.Key_Escape)
