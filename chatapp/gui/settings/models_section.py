"""The section Models: how models are loaded, all of them or one by values of its own."""

from typing import NamedTuple

from msgspec import structs
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QPushButton

from chatapp.chat import GenerationParams
from chatapp.gui.chat.parameters import Parameters
from chatapp.gui.fields import Choice, NumberField
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.models.engine_choice import EngineChoice
from chatapp.gui.settings.section import SectionPage, muted
from chatapp.presets import changed_values
from chatapp.settings import ModelValues, SettingsFile

_LEAST_CONTEXT = 256
_MOST_CONTEXT = 10_000_000
_MOST_THREADS = 1024
_MOST_LAYERS = 10_000
_MOST_IDLE_MIN = 7 * 24 * 60


class _Value(NamedTuple):
    """A value of the settings, and the field it is shown in."""

    name: str
    field: NumberField
    factor: float = 1  # what the field shows is so many times smaller
    least: float = 0  # of what is not the special value


class ModelsSection(SectionPage):
    """Engine, context, threads, layers on the GPU and the time to unload."""

    def __init__(self, settings: SettingsFile, shelf: ModelShelf) -> None:
        super().__init__(settings)
        self._path = ""  # whose values are on show; "": those of all models
        self._values: list[_Value] = []
        self._shelf = shelf
        self._chooser = Choice(self.tr("Whose values"), self)
        self._chooser.chosen.connect(self._choose)
        self.add_row(self.tr("Whose values"), self._chooser)
        self._engine = EngineChoice(shelf, self)
        self.add_row(
            self.tr("Runs with"),
            self._engine,
            self.tr(
                "llama.cpp is the fastest. Own networks are chatapp's, in PyTorch; they can make "
                "the weights finer or smaller."
            ),
        )
        self._add_fields()
        self._follow = QPushButton(self.tr("As for all models"), self)
        self._follow.clicked.connect(self._follow_all)
        self._state = self.add_row(self.tr("Values of its own"), self._follow, " ")
        self._forget = QPushButton(self.tr("Forget"), self)
        self._forget.clicked.connect(self._forget_params)
        self._writing = self.add_row(self.tr("How this model writes"), self._forget, " ")
        self.add_widget(
            muted(
                self.tr("Another engine is taken at once, the rest when a model is loaded next."),
                self,
            )
        )
        settings.listen(self._show)
        shelf.changed.connect(self._show_models)
        self._show_models()

    def _add_fields(self) -> None:
        self._add_field(
            "n_ctx",
            self.tr("Context, in tokens"),
            self.tr("How much of a conversation the model sees at once. More takes more memory."),
            (0, _MOST_CONTEXT, 1024),
            special=self.tr("Automatic"),
            least=_LEAST_CONTEXT,
        )
        self._add_field(
            "n_threads",
            self.tr("Threads"),
            self.tr("Processor cores that work at once. More than there are slows it down."),
            (0, _MOST_THREADS, 1),
            special=self.tr("Automatic"),
        )
        self._add_field(
            "n_gpu_layers",
            self.tr("Layers on the graphics card"),
            self.tr("The more of the model lies there, the faster it writes. 0 uses none of it."),
            (-1, _MOST_LAYERS, 1),
            special=self.tr("As many as fit"),
        )
        self._add_field(
            "idle_unload_s",
            self.tr("Unload after, in minutes"),
            self.tr("Gives the memory back when the model was not used for so long."),
            (0, _MOST_IDLE_MIN, 5),
            special=self.tr("Never"),
            factor=60,
        )

    def _add_field(
        self,
        name: str,
        title: str,
        hint: str,
        low_high_step: tuple[float, float, float],
        *,
        special: str,
        factor: float = 1,
        least: float = 0,
    ) -> None:
        low, high, step = low_high_step
        field = NumberField(title, low, high, step=step, parent=self)
        field.setSpecialValueText(special)
        field.setAccessibleDescription(hint)
        value = _Value(name, field, factor, least)
        field.entered.connect(lambda number: self._on_entered(value, number))
        self._values.append(value)
        self.add_row(title, field, hint)

    def _show_models(self) -> None:
        models = [(entry.path, entry.name) for entry in self._shelf.entries if not entry.error]
        if self._path not in (path for path, _ in models):
            self._path = ""
        self._chooser.set_choices([("", self.tr("All models")), *models], self._path)
        self._show()

    def _choose(self, path: str) -> None:
        self._path = path
        self._show()

    def _show(self) -> None:
        in_force = self._settings.current.load_values(self._path)
        own = self._settings.current.model_values(self._path)
        self._engine.set_path(self._path)
        for value in self._values:
            value.field.show_value(getattr(in_force, value.name) / value.factor)
        has_own = own != ModelValues(params=own.params)
        self._follow.setEnabled(has_own)
        self._state.setText(
            self.tr("Choose a model above to give it other values than all have.")
            if not self._path
            else self.tr("This model has values of its own.")
            if has_own
            else self.tr("This model follows the values of all models.")
        )
        self._forget.setEnabled(own.params is not None)
        self._writing.setText(
            self.tr("As the default preset says.")
            if own.params is None
            else self.tr("With values of its own: {}").format(_listed(own.params))
        )

    def _on_entered(self, value: _Value, number: float) -> None:
        """Take a number; one too small for a real context is the least there is."""
        is_special = number == value.field.minimum()
        number = number if is_special else max(number, value.least)
        kind = float if value.name == "idle_unload_s" else int
        self._settings.change_load(self._path, **{value.name: kind(number * value.factor)})

    def _follow_all(self) -> None:
        params = self._settings.current.model_values(self._path).params
        self._set_model(ModelValues(params=params))

    def _forget_params(self) -> None:
        own = self._settings.current.model_values(self._path)
        self._set_model(structs.replace(own, params=None))

    def _set_model(self, values: ModelValues) -> None:
        self.change(models=self._settings.current.models_with(self._path, values))


def _listed(params: GenerationParams) -> str:
    """The values that are not the usual ones."""
    titles = {parameter.name: parameter.title for parameter in Parameters().numbers()}
    names = changed_values(params, GenerationParams())
    values = (f"{titles.get(name, name)} {_spoken(getattr(params, name))}" for name in names)
    return ", ".join(values) or "–"


def _spoken(value: object) -> str:
    return QLocale().toString(value) if isinstance(value, float) else str(value)
