"""The model that a command is about: the user's settings, the choice, the load, the refusal."""

import argparse

from chatapp import paths
from chatapp.client import EngineClient
from chatapp.commands.terminal import ENGINE_ERROR, MODEL_ERROR, clean, complain
from chatapp.errors import EngineError, ModelFileError, say
from chatapp.library.shelf import ModelEntry, find_models, resolve_model
from chatapp.protocol import Loaded
from chatapp.settings import Settings, SettingsFile

_MODEL_CODES = frozenset(
    {
        "file_missing",
        "not_a_model",
        "damaged",
        "unsupported_architecture",
        "not_enough_memory",
        "no_model",
    }
)


def user_settings() -> Settings:
    """The user's settings; complains where the file cannot be read."""
    file = SettingsFile(paths.settings_file())
    if file.problem:
        complain(str(file.problem))
    return file.current


def shelf(settings: Settings) -> tuple[ModelEntry, ...]:
    """The models on this computer."""
    return find_models(settings.model_paths, settings.hidden_models)


def chosen(name: str | None, settings: Settings) -> ModelEntry:
    """The model that is asked for, or the one the user has chosen for all.

    Raises:
        ModelFileError: If there is none.
    """
    entries = shelf(settings)
    wanted = clean(name or settings.default_model)
    if wanted:
        return resolve_model(wanted, entries)
    if not entries or entries[0].error:
        raise ModelFileError(
            "no_model",
            say(
                "There is no model to ask. Put a GGUF file into {path}.",
                path=str(paths.models_dir()),
            ),
        )
    return entries[0]


def load(
    engine: EngineClient, path: str, settings: Settings, options: argparse.Namespace
) -> Loaded:
    """Load a model as its settings and the options say.

    Raises:
        ModelFileError: If it cannot be used.
        EngineError: If the engine cannot load it.
    """
    values = settings.load_values(path)
    return engine.load(
        path,
        n_ctx=values.n_ctx or None,
        n_threads=values.n_threads or None,
        n_gpu_layers=None if values.n_gpu_layers < 0 else values.n_gpu_layers,
        backend=options.engine,
        weights=options.weights,
    )


def refused(error: ModelFileError | EngineError) -> int:
    """Complain of what the model or the engine refused; the code to end with."""
    complain(str(error))
    return MODEL_ERROR if error.code in _MODEL_CODES else ENGINE_ERROR
