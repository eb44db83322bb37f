"""The section Keys of the Settings dialog: other keys for what the program does."""

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QKeySequenceEdit, QLabel, QPushButton, QWidget

from chatapp.gui import theme
from chatapp.gui.settings.section import SectionPage
from chatapp.gui.shortcuts import Shortcut, Shortcuts, is_usable
from chatapp.settings import SettingsFile

_KEYS_WIDTH = 176  # of the longest, in languages that write them out


class ShortcutsSection(SectionPage):
    """A row for each shortcut that can be changed; a change is in force at once."""

    def __init__(self, settings: SettingsFile, shortcuts: Shortcuts) -> None:
        super().__init__(settings)
        self._shortcuts = shortcuts
        self._fields: dict[str, _KeysField] = {}
        self._hints: dict[str, QLabel] = {}
        for heading, rows in shortcuts.groups().items():
            self.add_heading(heading)
            for row in (row for row in rows if not row.is_fixed):
                self._add(row)
        self._all_back = QPushButton(self.tr("Put all keys back"), self)
        self._all_back.clicked.connect(lambda: self._reset())
        self.add_widget(self._all_back)
        shortcuts.changed.connect(self._show)
        self._show()

    def _add(self, row: Shortcut) -> None:
        field = _KeysField(row.text, self)
        field.edit.editingFinished.connect(lambda: self._choose(row, field.edit.keySequence()))
        field.none.clicked.connect(lambda: self._choose(row, QKeySequence()))
        field.back.clicked.connect(lambda: self._reset(row.name))
        self._fields[row.name] = field
        self._hints[row.name] = self.add_row(row.text, field)
        theme.mark(self._hints[row.name], tone="bad")

    def _choose(self, row: Shortcut, keys: QKeySequence) -> None:
        problem = self._problem(row, keys)
        hint = self._hints[row.name]
        hint.setText(problem)
        hint.setVisible(bool(problem))
        if problem:
            self._show()  # what is in force
            return
        self._shortcuts.choose(row.name, keys)

    def _problem(self, row: Shortcut, keys: QKeySequence) -> str:
        if keys.isEmpty():
            return ""
        words = keys.toString(QKeySequence.SequenceFormat.NativeText)
        if not is_usable(keys):
            return self.tr("{} is needed for writing. Use it together with Ctrl or Alt.").format(
                words
            )
        other = self._shortcuts.clash(row.name, keys)
        if other is None:
            return ""
        text = self.tr("{} is taken by “{}”. Choose other keys, or change those first.")
        return text.format(words, other.text)

    def _reset(self, *names: str) -> None:
        for name in names or self._hints:
            self._hints[name].hide()
        self._shortcuts.reset(*names)

    def _show(self) -> None:
        for name, field in self._fields.items():
            field.show_keys(self._shortcuts.keys(name), self._shortcuts.is_changed(name))
        self._all_back.setEnabled(any(map(self._shortcuts.is_changed, self._fields)))


class _KeysField(QWidget):
    """Takes keys by their being pressed; buttons take them away and put the first ones back."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.edit = QKeySequenceEdit(self)
        self.edit.setMaximumSequenceLength(1)
        self.edit.setMinimumWidth(theme.px(_KEYS_WIDTH))
        self.edit.setAccessibleName(self.tr("Keys for: {}").format(name))
        self.none = QPushButton(self.tr("None"), self)
        self.none.setAccessibleName(self.tr("No keys for: {}").format(name))
        theme.mark(self.none, kind="quiet")
        self.back = QPushButton(self.tr("Put back"), self)
        self.back.setAccessibleName(self.tr("Put back the keys for: {}").format(name))
        theme.mark(self.back, kind="quiet")
        self.setFocusProxy(self.edit)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.edit)
        row.addWidget(self.none)
        row.addWidget(self.back)

    def show_keys(self, keys: tuple[QKeySequence, ...], is_changed: bool) -> None:
        """Show the first of the keys in force."""
        self.edit.setKeySequence(keys[0] if keys else QKeySequence())
        self.none.setEnabled(bool(keys))
        self.back.setEnabled(is_changed)
