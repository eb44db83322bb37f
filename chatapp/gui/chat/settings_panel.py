"""What a conversation is told beforehand, and how the model writes: presets and every number."""

from collections.abc import Sequence

from msgspec import structs
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from chatapp.chat import GenerationParams, clean
from chatapp.gui import preset_words, theme
from chatapp.gui.chat.parameter_list import ParameterList
from chatapp.gui.chat.popover import Popover
from chatapp.gui.fields import Choice, TextField
from chatapp.presets import BUILT_IN, Preset, closest

_WIDTH, _WIDE = 380, 460
_LIST_HEIGHT = 340  # so that the panel is no higher than a window of 760
_MARGIN = 16
_BUTTON_PADDING = 12  # of those without a frame, whose words line up with the others
_PROMPT_ROWS = 4
_STEP = 0.05
_HIGHEST = 2.0


class SettingsPanel(Popover):
    """The popover behind the button "Sampling: Balanced".

    Signals:
        system_prompt_changed: The conversation is to be told something else.
        params_changed: The conversation is to be written with these parameters.
        preset_saved: What is on show is to be kept as a preset.
        model_params_chosen: What is on show is to hold for the model from now on.
    """

    system_prompt_changed = Signal(str)
    params_changed = Signal(object)
    preset_saved = Signal(object)
    model_params_chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("How the model writes"))
        self._presets: Sequence[Preset] = BUILT_IN
        self._system_prompt = ""
        self._params = GenerationParams()
        self._base = BUILT_IN[0]
        self._preset = Choice(self.tr("Preset"), self)
        self._name = QLineEdit(self)
        self._problem = QLabel(self)
        self._edit = TextField(self.tr("What the model is told beforehand"), _PROMPT_ROWS, self)
        self._slider = QSlider(Qt.Orientation.Horizontal, self)
        self._value = QLabel(self)
        self._save = QPushButton(self.tr("Save as a preset…"), self)
        self._more = QPushButton(self.tr("More"), self)
        self._for_model = QPushButton(self.tr("Use these for this model from now on"), self)
        self._anchor = parent
        self._list: ParameterList | None = None  # built when More is first asked for
        self._area = QScrollArea(self)
        self._set_up()
        self._lay_out()
        self._connect()

    def set_presets(self, presets: Sequence[Preset]) -> None:
        """Offer these presets."""
        if presets == self._presets and self._preset.count():
            return
        self._presets = presets
        self._base = closest(self._params, presets)
        choices = [(preset.name, preset_words.title(preset)) for preset in presets]
        self._preset.set_choices(choices, self._base.name)
        self._show()

    def set_values(self, system_prompt: str, params: GenerationParams) -> None:
        """Show the settings of a conversation; emits nothing."""
        self._system_prompt = system_prompt
        self._edit.show_text(system_prompt)
        if params != self._params:
            self._params = params
            self._base = closest(params, self._presets)
        self._show()

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._edit.setFocus()

    def open_beside(self, anchor: QWidget) -> None:
        self._anchor = anchor
        self._fit()
        super().open_beside(anchor)

    # inside

    def _set_up(self) -> None:
        self._edit.setPlaceholderText(self.tr("For example: Answer briefly, in Spanish."))
        self._slider.setRange(0, round(_HIGHEST / _STEP))
        self._slider.setPageStep(5)
        self._slider.setTracking(False)  # one change when the handle is let go, not one a pixel
        self._slider.setAccessibleName(self.tr("Temperature"))
        self._name.setObjectName("presetName")
        self._name.setAccessibleName(self.tr("Name of the preset"))
        self._name.setPlaceholderText(self.tr("Name of the preset, then Enter"))
        self._name.hide()
        theme.mark(self._problem, tone="bad", letters="small")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._more.setCheckable(True)
        for button in (self._more, self._save, self._for_model):
            theme.mark(button, kind="quiet")
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.hide()

    def _connect(self) -> None:
        self._preset.chosen.connect(self._on_preset)
        self._edit.entered.connect(self._on_prompt)
        self._slider.sliderMoved.connect(self._show_temperature)
        self._slider.valueChanged.connect(self._on_slider)
        self._save.clicked.connect(self._ask_for_name)
        self._name.returnPressed.connect(self._on_name)
        self._more.toggled.connect(self._show_more)
        self._for_model.clicked.connect(self._on_for_model)

    def _lay_out(self) -> None:
        values = QVBoxLayout()
        values.setContentsMargins(_BUTTON_PADDING, 0, _BUTTON_PADDING, 0)
        values.setSpacing(6)
        row = QHBoxLayout()
        row.addWidget(self._heading(self.tr("Preset")))
        row.addStretch()
        row.addWidget(self._preset)
        values.addLayout(row)
        values.addSpacing(6)
        values.addWidget(self._heading(self.tr("What the model is told beforehand")))
        values.addWidget(self._edit)
        values.addSpacing(6)
        row = QHBoxLayout()
        row.addWidget(self._heading(self.tr("How freely it writes")))
        row.addStretch()
        row.addWidget(self._value)
        values.addLayout(row)
        values.addWidget(self._slider)
        values.addWidget(self._area, 1)
        name = QVBoxLayout()
        name.setContentsMargins(_BUTTON_PADDING, 0, _BUTTON_PADDING, 0)
        name.setSpacing(6)
        name.addWidget(self._name)
        name.addWidget(self._problem)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self._more)
        buttons.addStretch()
        buttons.addWidget(self._save)
        side = _MARGIN - _BUTTON_PADDING
        layout = QVBoxLayout(self)
        layout.setContentsMargins(side, 14, side, 12)
        layout.setSpacing(6)
        layout.addLayout(values, 1)
        layout.addLayout(buttons)
        layout.addLayout(name)
        layout.addWidget(self._for_model, 0, Qt.AlignmentFlag.AlignLeft)

    def _heading(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setObjectName("popoverHeading")
        return label

    def _fit(self) -> None:
        """As large as what is on show, but never more than the screen has."""
        room = (self.screen() or QGuiApplication.primaryScreen()).availableGeometry()
        width = theme.px(_WIDE if self._more.isChecked() else _WIDTH)
        self.setFixedWidth(min(width, room.width()))
        self.setMaximumHeight(room.height())
        self._area.setFixedHeight(min(theme.px(_LIST_HEIGHT), room.height() // 2))

    def _show(self) -> None:
        self._preset.set_value(self._base.name)
        self._slider.blockSignals(True)
        self._slider.setValue(round(self._params.temperature / _STEP))
        self._slider.blockSignals(False)
        self._show_temperature(self._slider.value())
        if self._list is not None:
            self._list.show_values(self._params, self._base.params)

    def _show_temperature(self, steps: int) -> None:
        in_force = min(round(self._params.temperature / _STEP), self._slider.maximum())
        is_exact = steps == in_force
        temperature = self._params.temperature if is_exact else steps * _STEP
        self._value.setText(self.locale().toString(temperature, "f", 2))

    def _show_more(self, is_wanted: bool) -> None:
        if is_wanted and self._list is None:
            self._list = ParameterList()
            self._list.changed.connect(self._change)
            theme.mark(self._list, surface="bg")
            self._area.setWidget(self._list)
            self._show()
        self._area.setVisible(is_wanted)
        self._more.setText(self.tr("Less") if is_wanted else self.tr("More"))
        self.open_beside(self._anchor)

    def _change(self, params: GenerationParams) -> None:
        self._params = params
        self._show()
        self.params_changed.emit(params)

    def _on_slider(self, steps: int) -> None:
        self._change(structs.replace(self._params, temperature=round(steps * _STEP, 2)))

    def _on_prompt(self, text: str) -> None:
        self._system_prompt = text
        self.system_prompt_changed.emit(text)

    def _on_preset(self, name: str) -> None:
        """Take what the preset says; words of the user's own give way only to other words."""
        before = self._base
        self._base = next(preset for preset in self._presets if preset.name == name)
        is_of_preset = self._system_prompt == before.system_prompt
        if self._base.system_prompt or is_of_preset:
            self._edit.show_text(self._base.system_prompt)
            if self._base.system_prompt != self._system_prompt:
                self._on_prompt(self._base.system_prompt)
        self._change(self._base.params)

    def _ask_for_name(self) -> None:
        self._name.show()
        self._name.setFocus()
        self.open_beside(self._anchor)

    def _on_name(self) -> None:
        name = clean(self._name.text()).strip()
        problem = preset_words.name_problem(name, BUILT_IN)  # one's own is saved anew
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        if not problem:
            self._name.clear()
            self._name.hide()
            prompt = clean(self._edit.toPlainText())
            self.preset_saved.emit(Preset(name=name, system_prompt=prompt, params=self._params))
        self.open_beside(self._anchor)

    def _on_for_model(self) -> None:
        self.model_params_chosen.emit(self._params)
        self.hide()
