"""The section Chat: what a new conversation begins with, and the user's own presets."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QWidget

from chatapp.chat import clean
from chatapp.gui import icons, preset_words, theme
from chatapp.gui.fields import Choice, TextField
from chatapp.gui.settings.section import SectionPage, muted
from chatapp.presets import renamed, with_preset, without_preset
from chatapp.settings import SettingsFile

_PROMPT_ROWS = 4
_LIST_HEIGHT = 148


class ChatSection(SectionPage):
    """The default system prompt, the default preset, and the list of own presets."""

    def __init__(self, settings: SettingsFile) -> None:
        super().__init__(settings)
        title = self.tr("What every new conversation is told beforehand")
        self._prompt = TextField(title, _PROMPT_ROWS, self)
        self._prompt.setPlaceholderText(self.tr("For example: Answer briefly, in Spanish."))
        self._prompt.entered.connect(lambda text: self.change(system_prompt=text))
        hint = self.tr("A preset with words of its own says those instead.")
        self.add_wide(title, self._prompt, hint)

        title = self.tr("Preset of new conversations")
        self._default = Choice(title, self)
        self._default.chosen.connect(lambda name: self.change(default_preset=name))
        hint = self.tr("How freely the model writes, unless a conversation or a model says more.")
        self.add_row(title, self._default, hint)

        title = self.tr("Your presets")
        self._list = QListWidget(self)
        self._list.setObjectName("presets")
        self._list.setAccessibleName(title)
        self._list.setFixedHeight(_LIST_HEIGHT)
        theme.mark(self._list, surface="card")
        # A list is not filled anew while one of its editors is being closed.
        self._list.itemChanged.connect(lambda: QTimer.singleShot(0, self, self._take_names))
        self._list.currentRowChanged.connect(self._allow)
        self.add_wide(title, self._list)
        self._rename = QPushButton(icons.icon("edit"), self.tr("Rename"), self)
        self._delete = QPushButton(icons.icon("trash"), self.tr("Delete"), self)
        self._what_to_do = self._buttons()
        self.add_widget(self._what_to_do)
        self._empty = muted(
            self.tr("There are none yet. Save one from the panel “How the model writes”."), self
        )
        self.add_widget(self._empty)
        settings.listen(self._show)
        self._show()

    def _buttons(self) -> QWidget:
        line = QWidget(self)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._rename)
        row.addWidget(self._delete)
        row.addStretch()
        self._rename.clicked.connect(lambda: self._list.editItem(self._list.currentItem()))
        self._delete.clicked.connect(self._on_delete)
        keys = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self._list)
        keys.setContext(Qt.ShortcutContext.WidgetShortcut)
        keys.activated.connect(self._on_delete)
        return line

    def _show(self) -> None:
        now = self._settings.current
        self._prompt.show_text(now.system_prompt)
        choices = [(preset.name, preset_words.title(preset)) for preset in now.all_presets()]
        self._default.set_choices(choices, now.preset().name)
        row = self._list.currentRow()
        self._list.blockSignals(True)
        self._list.clear()
        for preset in now.presets:
            item = QListWidgetItem(preset.name, self._list)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setData(Qt.ItemDataRole.UserRole, preset.name)
        self._list.setCurrentRow(min(max(row, 0), len(now.presets) - 1))
        self._list.blockSignals(False)
        for widget in (self._list, self._what_to_do):
            widget.setVisible(bool(now.presets))
        self._empty.setVisible(not now.presets)
        self._allow()

    def _allow(self) -> None:
        has_one = self._list.currentRow() >= 0
        self._rename.setEnabled(has_one)
        self._delete.setEnabled(has_one)

    def _take_names(self) -> None:
        items = [self._list.item(row) for row in range(self._list.count())]
        for item in items:
            if item.text() != item.data(Qt.ItemDataRole.UserRole):
                self._rename_one(item)
                return  # the list is filled anew

    def _rename_one(self, item: QListWidgetItem) -> None:
        now = self._settings.current
        old, new = item.data(Qt.ItemDataRole.UserRole), clean(item.text()).strip()
        others = [preset for preset in now.all_presets() if preset.name != old]
        problem = preset_words.name_problem(new, others)
        if problem:
            self._show()
            self.said.emit(problem, "", None)
        else:
            default = new if now.default_preset == old else now.default_preset
            self.change(presets=renamed(now.presets, old, new), default_preset=default)

    def _on_delete(self) -> None:
        if not self._delete.isEnabled():
            return
        deleted = self._settings.current.presets[self._list.currentRow()]
        # Which one is the default stays as it is: it is again, once the deletion is undone.
        self.change(presets=without_preset(self._settings.current.presets, deleted.name))
        self.said.emit(
            self.tr("The preset “{}” was deleted.").format(deleted.name),
            self.tr("Undo"),
            lambda: self.change(presets=with_preset(self._settings.current.presets, deleted)),
        )
