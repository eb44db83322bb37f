"""SettingsController: puts the user's choices in force, and opens the dialog they are made in."""

from typing import TYPE_CHECKING

from msgspec import structs
from PySide6.QtCore import QObject, Signal

from chatapp.chat import GenerationParams
from chatapp.errors import Sentence
from chatapp.gui import theme
from chatapp.gui.main_window import MainWindow
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.sentences import translated
from chatapp.presets import Preset, with_preset, without_preset
from chatapp.settings import ModelValues, SettingsFile

if TYPE_CHECKING:
    from chatapp.gui.settings.dialog import SettingsDialog
    from chatapp.gui.settings.section import Section


class SettingsController(QObject):
    """Stands between the settings file and what shows or follows it.

    Attributes:
        sections: What the dialog will show below the sections of its own; to be added to before it
            is opened for the first time.
    """

    _not_written = Signal(object)  # from the thread that writes the settings

    def __init__(
        self,
        window: MainWindow,
        shelf: ModelShelf,
        settings: SettingsFile,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.sections: list[Section] = []
        self._window = window
        self._page = window.chat_page
        self._shelf = shelf
        self._settings = settings
        self._dialog: SettingsDialog | None = None
        window.settings_requested.connect(self.show)
        window.shortcuts_requested.connect(lambda: self.show(self.tr("Keys")))
        self._page.preset_saved.connect(self._on_preset_saved)
        self._page.model_params_chosen.connect(self._on_model_params)
        self._not_written.connect(self._say_what_was_not_written)
        settings.listen(self._put_in_force)
        settings.on_failure(self._not_written.emit)
        self._page.set_presets(settings.current.all_presets())

    def show(self, section: str = "") -> None:
        """Open the dialog, at a section if one is named."""
        if self._dialog is None:
            self._dialog = self._build()
        self._dialog.show_section(section)

    def _build(self) -> "SettingsDialog":
        from chatapp.gui.settings.chat_section import ChatSection
        from chatapp.gui.settings.dialog import SettingsDialog
        from chatapp.gui.settings.general_section import GeneralSection
        from chatapp.gui.settings.models_section import ModelsSection
        from chatapp.gui.settings.section import Section
        from chatapp.gui.shortcut_editor import ShortcutsSection

        own = [
            Section(self.tr("General"), lambda: GeneralSection(self._settings)),
            Section(self.tr("Chat"), lambda: ChatSection(self._settings)),
            Section(self.tr("Models"), lambda: ModelsSection(self._settings, self._shelf)),
            Section(
                self.tr("Keys"), lambda: ShortcutsSection(self._settings, self._window.shortcuts)
            ),
        ]
        return SettingsDialog([*own, *self.sections], self._window)

    def _put_in_force(self) -> None:
        now = self._settings.current
        if theme.notifier.theme != now.theme:
            theme.notifier.choose(now.theme)
        theme.notifier.resize(now.font_percent)
        self._page.set_presets(now.all_presets())

    def _on_preset_saved(self, preset: Preset) -> None:
        before = self._settings.current.presets
        replaced = next((known for known in before if known.name == preset.name), None)
        self._settings.change(presets=with_preset(before, preset))
        self._page.show_notice(
            self.tr("The preset “{}” was saved.").format(preset.name),
            self.tr("Undo"),
            lambda: self._take_back(preset.name, replaced),
        )

    def _take_back(self, name: str, replaced: Preset | None) -> None:
        now = self._settings.current.presets
        self._settings.change(
            presets=with_preset(now, replaced) if replaced else without_preset(now, name)
        )

    def _on_model_params(self, path: str, params: GenerationParams) -> None:
        before = self._settings.current.model_values(path)
        self._set_model(path, structs.replace(before, params=params))
        self._page.show_notice(
            self.tr("New conversations with this model begin with these values."),
            self.tr("Undo"),
            lambda: self._set_model(path, before),
        )

    def _set_model(self, path: str, values: ModelValues) -> None:
        self._settings.change(models=self._settings.current.models_with(path, values))

    def _say_what_was_not_written(self, sentence: Sentence) -> None:
        if self._dialog is not None and self._dialog.isVisible():
            self._dialog.say(translated(sentence))
        else:
            self._page.show_notice(translated(sentence))
