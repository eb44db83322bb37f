"""The user's choices: one TOML file, read at start, written whole at every change.

Keys this version does not know are kept, so an older program does not lose a newer one's choices.
Knows nothing about windows or engines.
"""

import os
import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from chatapp.chat import GenerationParams
from chatapp.errors import SettingsError
from chatapp.paths import dated

Theme = Literal["system", "light", "dark"]


class Settings(Struct, frozen=True, kw_only=True):
    """Every choice with its default. 0 lets the program choose where a number is asked for."""

    theme: Theme = "system"
    default_model: str = ""  # path of a model file; empty: the first usable one of the shelf
    model_paths: tuple[str, ...] = ()  # files and folders the user added to the shelf
    hidden_models: tuple[str, ...] = ()  # files taken off the shelf; the files themselves stay
    system_prompt: str = ""
    temperature: float = 0.7
    n_ctx: int = 0
    n_threads: int = 0
    n_gpu_layers: int = -1  # -1: as many as the device has memory for
    idle_unload_s: float = 900.0
    sidebar_visible: bool = True
    window_width: int = 1180
    window_height: int = 760

    def __post_init__(self) -> None:
        GenerationParams(temperature=self.temperature)  # refuses what no reply could be drawn with


class SettingsFile:
    """The settings and the file they live in.

    Attributes:
        current: The settings in force.
        problem: What was wrong with the file at start, fit to be shown; empty when nothing was.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._raw: dict[str, Any] = {}
        self.current = Settings()
        self.problem = ""
        self._read()

    def change(self, **changes: Any) -> Settings:
        """Replace some values, write the file and return the new settings.

        Raises:
            SettingsError: If the file cannot be written; the change is in force all the same.
        """
        # From the plain values, so that a wrong type is refused here and not at the next start.
        self.current = msgspec.convert(
            msgspec.to_builtins(self.current) | changes, Settings, strict=True
        )
        self._write()
        return self.current

    def _read(self) -> None:
        try:
            raw = tomllib.loads(self._path.read_text(encoding="utf-8"))
            self.current = msgspec.convert(raw, Settings)
            self._raw = raw
        except FileNotFoundError:
            return
        except OSError as error:
            self.problem = f"The settings in {self._path} cannot be read ({error.strerror})."
        except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, no settings, too deep
            self.problem = self._set_aside(error)

    def _set_aside(self, error: Exception) -> str:
        aside = dated(self._path, "damaged")
        try:
            os.replace(self._path, aside)
        except OSError as failure:
            return f"The settings are damaged ({error}) and cannot be set aside ({failure})."
        return f"The settings were damaged ({error}); defaults are used. They were kept as {aside}."

    def _write(self) -> None:
        import tomli_w  # needed only once something changes

        self._raw |= msgspec.to_builtins(self.current)
        temporary = self._path.with_name(self._path.name + ".new")
        try:
            with temporary.open("wb") as file:
                tomli_w.dump(self._raw, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self._path)
        except OSError as error:
            raise SettingsError(
                f"The settings cannot be written to {self._path}: {error.strerror}."
            ) from error
