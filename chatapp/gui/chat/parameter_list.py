"""Every sampling parameter: what it does, its value, its default and its range."""

from msgspec import structs
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from chatapp.chat import OFF, RANGES, GenerationParams
from chatapp.gui import icons, theme
from chatapp.gui.chat.parameters import Parameter, Parameters
from chatapp.gui.fields import CheckBox, NumberField, TextField

_DEFAULTS = GenerationParams()
_UNBOUNDED = (1, 1_000_000)  # of what has no range but must not be empty
_STOP_ROWS = 2


class ParameterRow(QWidget):
    """One number. What differs from the preset carries a mark in its name.

    Signals:
        changed: The user wants another value; carries the name and the value.
    """

    changed = Signal(str, object)

    def __init__(self, parameter: Parameter, words: Parameters, parent: QWidget) -> None:
        super().__init__(parent)
        self._parameter = parameter
        self._words = words
        self._low, self._high = RANGES.get(parameter.name, _UNBOUNDED)
        self._has_off = parameter.name in OFF
        self._off = OFF.get(parameter.name)
        self._base: float | None = None
        self._switch = CheckBox(parameter.title, self)
        self._title = QLabel(parameter.title, self)
        self._mark = QLabel(self.tr("changed"), self)
        theme.mark(self._mark, tag="ok")
        self._field = NumberField(
            parameter.title,
            self._low,
            self._high,
            decimals=parameter.decimals,
            step=parameter.step,
            parent=self,
        )
        self._field.setAccessibleDescription(parameter.words)
        self._reset = QToolButton(self)
        self._lay_out()
        self._switch.clicked.connect(self._on_switched)
        self._field.entered.connect(self._on_entered)
        self._reset.clicked.connect(lambda: self._tell(self._base))

    @property
    def name(self) -> str:
        """The name of the parameter in `GenerationParams`."""
        return self._parameter.name

    def show_value(self, value: float | None, base: float | None) -> None:
        """Show a value, and whether it is another than the preset's; emits nothing."""
        self._base = base
        is_off = self._has_off and value == self._off
        self._switch.setChecked(not is_off)
        self._field.setEnabled(not is_off)
        if value is not None:
            self._field.show_value(value)
        is_changed = value != base
        self._mark.setVisible(is_changed)
        self._reset.setEnabled(is_changed)
        self._reset.setAccessibleName(
            self.tr("{}: back to {}").format(self._parameter.title, self._spoken(base))
        )
        self._reset.setToolTip(self._reset.accessibleName())

    def _lay_out(self) -> None:
        self._switch.setVisible(self._has_off)
        self._title.setVisible(not self._has_off)
        self._title.setBuddy(self._field)
        self._switch.setAccessibleDescription(self._parameter.words)
        self._reset.setIcon(icons.icon("undo"))
        theme.mark(self._reset, kind="icon")
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (self._switch, self._title, self._mark):
            row.addWidget(widget)
        row.addStretch()
        row.addWidget(self._field)
        row.addWidget(self._reset)
        words = QLabel(f"{self._parameter.words} {self._facts()}", self)
        words.setWordWrap(True)
        theme.mark(words, tone="muted", letters="small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 6)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(words)

    def _facts(self) -> str:
        default = self._spoken(getattr(_DEFAULTS, self._parameter.name))
        low, high = self._number(self._low), self._number(self._high)
        return self.tr("Default: {}. From {} to {}.").format(default, low, high)

    def _spoken(self, value: float | None) -> str:
        if self._has_off and value == self._off:
            return self._words.off_words(self._parameter.name)
        return "" if value is None else self._number(value)

    def _number(self, value: float) -> str:
        """A number without the zeros at its end."""
        is_whole = value == int(value)
        return self.locale().toString(int(value) if is_whole else value)

    def _on_switched(self, is_on: bool) -> None:
        default = getattr(_DEFAULTS, self._parameter.name)
        start = default if default != self._off else self._parameter.start
        self._tell(start if is_on else self._off)

    def _on_entered(self, value: float) -> None:
        self._tell(value)

    def _tell(self, value: float | None) -> None:
        if value is not None:
            value = value if self._parameter.decimals else int(value)
        self.changed.emit(self._parameter.name, value)


class ParameterList(QWidget):
    """All of them.

    Signals:
        changed: The user wants these parameters.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._params = GenerationParams()
        words = Parameters(self)
        self._rows = [ParameterRow(each, words, self) for each in words.numbers()]
        self._stop = TextField(self.tr("Stop texts"), _STOP_ROWS, self)
        self._stop.setAccessibleDescription(words.stop_words())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for row in self._rows:
            layout.addWidget(row)
            row.changed.connect(self._on_changed)
        stop_words = QLabel(words.stop_words(), self)
        stop_words.setWordWrap(True)
        theme.mark(stop_words, tone="muted", letters="small")
        for widget in (QLabel(self.tr("Stop texts"), self), self._stop, stop_words):
            layout.addWidget(widget)
        self._stop.entered.connect(self._on_stop)

    def show_values(self, params: GenerationParams, base: GenerationParams) -> None:
        """Show parameters and mark those that differ from `base`; emits nothing."""
        self._params = params
        for row in self._rows:
            row.show_value(getattr(params, row.name), getattr(base, row.name))
        self._stop.show_text("\n".join(_escaped(text) for text in params.stop))

    def _on_changed(self, name: str, value: object) -> None:
        self.changed.emit(structs.replace(self._params, **{name: value}))

    def _on_stop(self, text: str) -> None:
        stop = tuple(_unescaped(line) for line in text.split("\n") if line)
        self.changed.emit(structs.replace(self._params, stop=stop))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _unescaped(line: str) -> str:
    parts = line.split("\\\\")
    return "\\".join(part.replace("\\n", "\n") for part in parts)
