"""What a conversation is told beforehand, and how freely the model writes, in plain words."""

from msgspec import structs
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QSlider, QVBoxLayout, QWidget

from chatapp.chat import GenerationParams
from chatapp.gui import theme
from chatapp.gui.chat.popover import Popover
from chatapp.gui.chat.prompt_box import clean

_STEP = 0.05
_HIGHEST = 2.0


class SettingsPanel(Popover):
    """The popover behind the button "Sampling: balanced"."""

    system_prompt_changed = Signal(str)
    params_changed = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedWidth(360)
        self.setAccessibleName(self.tr("How the model writes"))
        self._system_prompt = ""
        self._params = GenerationParams()
        self._edit = QPlainTextEdit(self)
        self._edit.setFixedHeight(96)
        self._edit.setTabChangesFocus(True)
        self._edit.setAccessibleName(self.tr("What the model is told beforehand"))
        self._edit.setPlaceholderText(self.tr("For example: Answer briefly, in Spanish."))
        self._slider = QSlider(Qt.Orientation.Horizontal, self)
        self._slider.setRange(0, round(_HIGHEST / _STEP))
        self._slider.setPageStep(5)
        self._slider.setTracking(False)  # one change when the handle is let go, not one a pixel
        self._slider.setAccessibleName(self.tr("Temperature"))
        self._value = QLabel(self)
        self._lay_out()
        self._slider.sliderMoved.connect(self._show_value)
        self._slider.valueChanged.connect(self._on_value_changed)

    def set_values(self, system_prompt: str, params: GenerationParams) -> None:
        """Show the settings of a conversation; emits nothing."""
        self._params = params
        self._system_prompt = system_prompt
        self._edit.setPlainText(system_prompt)
        self._slider.blockSignals(True)
        self._slider.setValue(round(params.temperature / _STEP))
        self._slider.blockSignals(False)
        self._show_value(self._slider.value())

    def describe(self, temperature: float) -> str:
        """One word for how freely the model writes."""
        if temperature < 0.45:
            return self.tr("precise")
        return self.tr("balanced") if temperature <= 1.0 else self.tr("creative")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._edit.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        text = clean(self._edit.toPlainText())
        if text != self._system_prompt:
            self._system_prompt = text
            self.system_prompt_changed.emit(text)
        super().hideEvent(event)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(6)
        layout.addWidget(self._heading(self.tr("What the model is told beforehand")))
        layout.addWidget(self._edit)
        layout.addSpacing(8)
        row = QHBoxLayout()
        row.addWidget(self._heading(self.tr("How freely it writes")))
        row.addStretch()
        row.addWidget(self._value)
        layout.addLayout(row)
        layout.addWidget(self._slider)
        ends = QHBoxLayout()
        for text in (self.tr("precise"), self.tr("balanced"), self.tr("creative")):
            label = QLabel(text, self)
            theme.mark(label, tone="muted", letters="small")
            ends.addWidget(label)
            ends.addStretch()
        ends.takeAt(ends.count() - 1)
        layout.addLayout(ends)

    def _heading(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setObjectName("popoverHeading")
        return label

    def _show_value(self, steps: int) -> None:
        temperature = steps * _STEP
        word = self.describe(temperature)
        self._value.setText(f"{word} · {self.locale().toString(temperature, 'f', 2)}")

    def _on_value_changed(self, steps: int) -> None:
        self._show_value(steps)
        self._params = structs.replace(self._params, temperature=round(steps * _STEP, 2))
        self.params_changed.emit(self._params)
