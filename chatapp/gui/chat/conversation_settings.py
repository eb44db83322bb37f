"""What a conversation is set to: the button that says it, and the panel that changes it."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from chatapp.chat import GenerationParams
from chatapp.gui import preset_words
from chatapp.presets import BUILT_IN, Preset, closest

if TYPE_CHECKING:
    from chatapp.gui.chat.settings_panel import SettingsPanel


class ConversationSettings(QObject):
    """Names the nearest preset on the button, which opens the panel.

    Signals:
        system_prompt_changed: The conversation is to be told something else.
        params_changed: GenerationParams, or None: what the model or preset says.
        preset_saved: What is on show is to be kept as a preset.
        model_params_chosen: What is on show is to hold for the model from now on.
    """

    system_prompt_changed = Signal(str)
    params_changed = Signal(object)
    preset_saved = Signal(object)
    model_params_chosen = Signal(object)

    def __init__(self, button: QPushButton, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._button = button
        self._system_prompt, self._params = "", GenerationParams()
        self._presets: Sequence[Preset] = BUILT_IN
        button.clicked.connect(self._open)
        self._show()

    def set_values(self, system_prompt: str, params: GenerationParams) -> None:
        """Show what the conversation is set to."""
        self._system_prompt, self._params = system_prompt, params
        self._show()

    def set_presets(self, presets: Sequence[Preset]) -> None:
        """Offer these presets."""
        self._presets = presets
        self._show()

    @cached_property
    def _panel(self) -> "SettingsPanel":
        """Built when it is first opened."""
        from chatapp.gui.chat.settings_panel import SettingsPanel

        panel = SettingsPanel(self._page)
        panel.system_prompt_changed.connect(self._on_system_prompt_changed)
        panel.params_changed.connect(self._on_params_changed)
        panel.preset_saved.connect(self.preset_saved)
        panel.model_params_chosen.connect(self.model_params_chosen)
        return panel

    def _open(self) -> None:
        self._fill(self._panel)
        self._panel.open_beside(self._button)

    def _show(self) -> None:
        preset = closest(self._params, self._presets)
        is_changed = preset.params != self._params
        words = self.tr("Sampling: {}, changed ▾") if is_changed else self.tr("Sampling: {} ▾")
        self._button.setText(words.format(preset_words.title(preset)))
        if "_panel" in self.__dict__:
            self._fill(self._panel)

    def _fill(self, panel: "SettingsPanel") -> None:
        panel.set_presets(self._presets)
        panel.set_values(self._system_prompt, self._params)

    def _on_system_prompt_changed(self, text: str) -> None:
        self._system_prompt = text
        self.system_prompt_changed.emit(text)

    def _on_params_changed(self, params: GenerationParams) -> None:
        self._params = params
        self._show()
        self.params_changed.emit(params)
