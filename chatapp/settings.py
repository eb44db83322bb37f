"""The user's choices: one TOML file, read at start, written whole at every change.

Keys this version does not know are kept, so an older program does not lose a newer one's choices.
Knows nothing about windows or engines.
"""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, structs

from chatapp.chat import BackendName, GenerationParams, WeightsName
from chatapp.errors import Sentence, say
from chatapp.presets import BUILT_IN, Preset
from chatapp.toml_file import TomlFile

Theme = Literal["system", "light", "dark"]
Language = Literal["system", "en", "es"]
WeightsChoice = Literal["auto"] | WeightsName

LEAST_FONT_PERCENT = 80
MOST_FONT_PERCENT = 200


class LoadValues(Struct, frozen=True, kw_only=True):
    """How a model is loaded. 0 lets the program choose; -1 GPU layers are as many as fit.

    `weights` holds for the native backend alone.
    """

    backend: BackendName
    weights: WeightsChoice
    n_ctx: int
    n_threads: int
    n_gpu_layers: int
    idle_unload_s: float


class ModelValues(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the user chose for one model; None follows what holds for all models."""

    backend: BackendName | None = None
    weights: WeightsChoice | None = None
    n_ctx: int | None = None
    n_threads: int | None = None
    n_gpu_layers: int | None = None
    idle_unload_s: float | None = None
    params: GenerationParams | None = None


class Settings(Struct, frozen=True, kw_only=True):
    """Every choice with its default. 0 lets the program choose where a number is asked for."""

    theme: Theme = "system"
    default_model: str = ""  # path of a model file; empty: the first usable one of the shelf
    model_paths: tuple[str, ...] = ()  # files and folders the user added to the shelf
    hidden_models: tuple[str, ...] = ()  # files taken off the shelf; the files themselves stay
    font_percent: Annotated[int, Meta(ge=LEAST_FONT_PERCENT, le=MOST_FONT_PERCENT)] = 100
    language: Language = "system"
    system_prompt: str = ""  # of new conversations whose preset has none
    presets: tuple[Preset, ...] = ()  # the user's own
    default_preset: str = BUILT_IN[0].name
    backend: BackendName = "llama"
    weights: WeightsChoice = "auto"  # bf16 where the processor computes in it, else f32
    n_ctx: int = 0
    n_threads: int = 0
    n_gpu_layers: int = -1  # -1: as many as the device has memory for
    idle_unload_s: float = 900.0
    models: dict[str, ModelValues] = {}  # by path, where a model has values of its own
    shortcuts: dict[str, str] = {}  # keys the user chose, by the name of what they do
    sidebar_visible: bool = True
    window_width: int = 1180
    window_height: int = 760

    def all_presets(self) -> tuple[Preset, ...]:
        """The built-in presets and the user's own, in the order in which they are offered."""
        return BUILT_IN + self.presets

    def preset(self) -> Preset:
        """The preset of new conversations; the first one where the chosen one is gone."""
        presets = self.all_presets()
        return next((known for known in presets if known.name == self.default_preset), presets[0])

    def new_system_prompt(self) -> str:
        """What a new conversation is told beforehand."""
        return self.preset().system_prompt or self.system_prompt

    def params_for(self, own: GenerationParams | None, model_path: str) -> GenerationParams:
        """How a reply is drawn: as its conversation says, else its model, else the preset.

        Args:
            own: The conversation's own parameters, if it has any.
            model_path: The file of the model that is to write.
        """
        return own or self.model_values(model_path).params or self.preset().params

    def model_values(self, path: str) -> ModelValues:
        """What the user chose for the model in `path`, apart from what holds for all."""
        return self.models.get(path, ModelValues())

    def models_with(self, path: str, values: ModelValues) -> dict[str, ModelValues]:
        """The values of all models, with these for the one in `path`."""
        others = {known: own for known, own in self.models.items() if known != path}
        return others if values == ModelValues() else {**others, path: values}

    def load_values(self, path: str) -> LoadValues:
        """How the model in `path` is loaded: by its own values, else by those of all models."""
        own = msgspec.to_builtins(self.model_values(path))
        names = LoadValues.__struct_fields__
        return LoadValues(**{name: own.get(name, getattr(self, name)) for name in names})


class SettingsFile:
    """The settings and the file they live in.

    Attributes:
        current: The settings in force.
        problem: What was wrong with the file at start, None when nothing was.
    """

    def __init__(self, path: Path) -> None:
        self._file = TomlFile(path)
        self._raw: dict[str, Any] = {}
        self._listeners: list[Callable[[], None]] = []
        self._on_failure: Callable[[Sentence], object] = lambda _: None
        self.current = Settings()
        self.problem: Sentence | None = None
        self._read()

    def change(self, **changes: Any) -> Settings:
        """Replace some values, have the file written soon and return the new settings."""
        # From the plain values, so that a wrong type is refused here and not at the next start.
        self.current = msgspec.convert(
            msgspec.to_builtins(self.current) | changes, Settings, strict=True
        )
        self._raw = self._raw | msgspec.to_builtins(self.current)
        self._file.write(self._raw, self._on_not_written)
        for tell in self._listeners:
            tell()
        return self.current

    def change_load(self, path: str, **values: Any) -> Settings:
        """Change how the model in `path` is loaded; "" for all that have no values of their own."""
        if not path:
            return self.change(**values)
        own = structs.replace(self.current.model_values(path), **values)
        return self.change(models=self.current.models_with(path, own))

    def listen(self, tell: Callable[[], None]) -> None:
        """Have `tell` called after every change, for as long as the program runs."""
        self._listeners.append(tell)

    def on_failure(self, tell: Callable[[Sentence], object]) -> None:
        """Have `tell` called, in another thread, when a change could not be written.

        It is in force all the same.
        """
        self._on_failure = tell

    def _read(self) -> None:
        try:
            raw = tomllib.loads(self._file.read())
            self.current = msgspec.convert(raw, Settings)
            self._raw = raw
        except FileNotFoundError:
            return
        except OSError as error:
            self.problem = say(
                "The settings in {path} cannot be read ({reason}); defaults are used, and the "
                "file is kept.",
                path=str(self._file.path),
                reason=str(error.strerror),
            )
        except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, no settings, too deep
            self.problem = self._set_aside(error)

    def _set_aside(self, error: Exception) -> Sentence:
        try:
            aside = self._file.set_aside()
        except OSError as failure:
            return say(
                "The settings are damaged ({reason}) and cannot be set aside ({failure}).",
                reason=str(error),
                failure=str(failure),
            )
        return say(
            "The settings were damaged ({reason}); defaults are used. They were kept as {path}.",
            reason=str(error),
            path=str(aside),
        )

    def _on_not_written(self, error: OSError) -> None:
        self._on_failure(
            say(
                "The settings cannot be written to {path}: {reason}.",
                path=str(self._file.path),
                reason=str(error.strerror),
            )
        )
