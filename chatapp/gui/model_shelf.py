"""ModelShelf: the models on this computer as the window sees them, and the user's choices of them.

Looks through the disk in a worker thread. Files stay where they are: taking a model off the shelf
only notes that, and it can be undone.
"""

import logging
import os
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QFile, QObject, QThreadPool, Signal

from chatapp import paths
from chatapp.protocol import Ready
from chatapp.settings import LoadValues, Settings, SettingsFile

if TYPE_CHECKING:
    from chatapp.library.shelf import ModelEntry, Source

logger = logging.getLogger(__name__)


class Folder(NamedTuple):
    """A folder that is looked through, and how many models that can be used came from it."""

    path: str
    source: "Source"
    n_models: int


class _Carrier(QObject):
    """Brings what a worker found into the window's thread, whatever became of the shelf."""

    found = Signal(object)
    failed = Signal(str)


class ModelShelf(QObject):
    """Holds the entries of the shelf, those that cannot be used included.

    Attributes:
        entries: Usable models by name, then what cannot be used.
        is_scanning: Whether the disk is being looked through.
        has_native: Whether our own networks can run models here; taken to be so until it is known.

    Signals:
        changed: The entries, the default model, `is_scanning`, `has_native` or how a model is
            loaded have changed.
        failed: Something could not be done; carries a text fit to be shown.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, settings: SettingsFile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: tuple[ModelEntry, ...] = ()
        self.is_scanning = False
        self.has_native = True
        self._settings = settings
        self._known_loads = self._loads()
        self._is_outdated = False  # asked for again while at it
        self._undo: dict[str, Any] = {}
        self._trashed: dict[str, str] = {}  # where each file was, and where it is now
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        settings.listen(self._on_settings)

    def refresh(self) -> None:
        """Look through the disk; `changed` says when it is done."""
        if self.is_scanning:
            self._is_outdated = True
            return
        self.is_scanning = True
        carrier = _Carrier()
        carrier.found.connect(self._on_found)
        carrier.failed.connect(self._on_failed)
        self._pool.start(partial(_scan, carrier, self._settings.current))

    def entry(self, path: str) -> "ModelEntry | None":
        """What is known of that file."""
        return next((entry for entry in self.entries if entry.path == path), None)

    def default(self) -> "ModelEntry | None":
        """The model for new conversations: the user's choice, else the first that can be used."""
        usable = [entry for entry in self.entries if not entry.error]
        chosen = [entry for entry in usable if entry.path == self._settings.current.default_model]
        fitting = [entry for entry in usable if entry.fit is None or entry.fit.level != "no"]
        return next(iter([*chosen, *fitting, *usable]), None)

    def set_default(self, path: str) -> None:
        """Use that model for new conversations."""
        self._settings.change(default_model=path)
        self.changed.emit()

    def load_values(self, path: str) -> LoadValues:
        """How the model in `path` is loaded; with "" those that have no values of their own."""
        return self._settings.current.load_values(path)

    def set_engine(self, path: str, **values: str) -> None:
        """Choose the `backend` or the `weights` of the model in `path`, of all models with ""."""
        self._settings.change_load(path, **values)

    def note_backends(self, engine: Ready) -> None:
        """Take note of what the engine has."""
        self.has_native = "native" in engine.backends
        self.changed.emit()

    def add(self, added: Sequence[str]) -> None:
        """Put files, and folders with all the models in them, on the shelf."""
        current = self._settings.current
        wanted = [os.path.abspath(path) for path in added]
        unsaid = [path for path in wanted if not _can_be_written(path)]
        if unsaid:
            name = unsaid[0].encode("utf-8", "replace").decode()
            self.failed.emit(self.tr("The name of {} is no valid text. Rename it.").format(name))
        wanted = [path for path in wanted if path not in unsaid]
        hidden = [one for one in current.hidden_models if not any(_lies_in(one, p) for p in wanted)]
        together = tuple(dict.fromkeys([*current.model_paths, *wanted]))
        if wanted:
            self._settings.change(model_paths=together, hidden_models=tuple(hidden))
            self.refresh()

    def folders(self) -> tuple[Folder, ...]:
        """Where models are looked for: the app's own folder first, then what the user added.

        What came along and the Python packages are named only where they carry a model.
        """
        usable = [entry for entry in self.entries if not entry.error]
        sources = Counter(entry.source for entry in usable)
        found = [Folder(str(paths.models_dir()), "app", sources["app"])]
        others: tuple[tuple[Source, Path], ...] = (
            ("shipped", paths.shipped_models_dir()),
            ("package", paths.packages_dir()),
        )
        found += [Folder(str(path), one, sources[one]) for one, path in others if sources[one]]
        for path in self._settings.current.model_paths:
            if self.entry(path) is None:  # else it is a model itself, or nothing that can be read
                n_models = sum(_lies_in(entry.path, path) for entry in usable)
                found.append(Folder(path, "added", n_models))
        return tuple(found)

    def added_folder(self, path: str) -> str:
        """The folder the user added through which that file is on the shelf, or ""."""
        folders = [one for one in self._settings.current.model_paths if one != path]
        return next((one for one in folders if _lies_in(path, one)), "")

    def remove(self, path: str) -> None:
        """Take a file, or a folder the user added, off the shelf; on the disk nothing changes."""
        self._note_undo()
        current = self._settings.current
        is_folder = os.path.isdir(path) and self.entry(path) is None  # not one that is a model
        hidden = current.hidden_models if is_folder else (*current.hidden_models, path)
        self._settings.change(
            model_paths=tuple(one for one in current.model_paths if one != path),
            hidden_models=tuple(dict.fromkeys(hidden)),
            default_model="" if current.default_model == path else current.default_model,
        )
        if not is_folder:
            self.entries = tuple(entry for entry in self.entries if entry.path != path)
            self.changed.emit()
        self.refresh()

    def move_to_trash(self, path: str) -> bool:
        """Move a model of the app's own folder, with all its parts, to the trash.

        Returns:
            Whether all of it is there; if not, `failed` says why and nothing has changed.
        """
        self._note_undo()
        for file in _parts(path):
            thrown = QFile(file)
            if not thrown.moveToTrash():
                self._put_back()
                text = self.tr("{} cannot be moved to the trash; it is still where it was.")
                self.failed.emit(text.format(Path(file).name))
                return False
            self._trashed[file] = thrown.fileName()
        if self._settings.current.default_model == path:
            self._settings.change(default_model="")
        self.entries = tuple(entry for entry in self.entries if entry.path != path)
        self.changed.emit()
        self.refresh()
        return True

    def undo(self) -> None:
        """Take the last removal back."""
        self._put_back()
        self._settings.change(**self._undo)
        self.refresh()

    def _on_settings(self) -> None:
        if self._known_loads != self._loads():
            self._known_loads = self._loads()
            self.refresh()  # the memory they take is another one now
            self.changed.emit()  # `is_scanning` by now: before the first look nothing is known

    def _loads(self) -> object:
        current = self._settings.current
        return current.models, current.load_values("")

    def _note_undo(self) -> None:
        current = self._settings.current
        self._trashed.clear()
        self._undo = {
            "model_paths": current.model_paths,
            "hidden_models": current.hidden_models,
            "default_model": current.default_model,
        }

    def _put_back(self) -> None:
        for original, in_trash in self._trashed.items():
            if not QFile.rename(in_trash, original):
                self.failed.emit(self.tr("It could not be taken out of the trash again."))
                continue
            # Where the desktop keeps such notes, the trash would list the file for ever.
            note = Path(in_trash).parent.parent / "info" / f"{Path(in_trash).name}.trashinfo"
            note.unlink(missing_ok=True)
        self._trashed.clear()

    def _on_failed(self, reason: str) -> None:
        self.failed.emit(self.tr("The models cannot be looked for: {}").format(reason))
        self._on_found(self.entries)

    def _on_found(self, entries: "tuple[ModelEntry, ...]") -> None:
        self.is_scanning = False
        if self._is_outdated:
            self._is_outdated = False
            self.refresh()
            return
        self.entries = entries
        self.changed.emit()


def _scan(carrier: _Carrier, choices: Settings) -> None:
    from chatapp.library.shelf import find_models  # in the worker: not before the first paint

    result: object
    try:
        found = find_models(
            choices.model_paths, choices.hidden_models, partial(_native_weights, choices)
        )
        result, answer = found, carrier.found
    except Exception as error:  # the top of a thread: the window must hear of it
        logger.exception("The search for models failed")
        result, answer = str(error), carrier.failed
    with suppress(RuntimeError):  # the program has ended meanwhile
        answer.emit(result)


def _native_weights(choices: Settings, path: str) -> str:
    """The weights our own networks would load, at most; "" where llama.cpp runs the model."""
    values = choices.load_values(path)
    if values.backend == "llama":
        return ""
    return "f32" if values.weights == "auto" else values.weights


def _parts(path: str) -> list[str]:
    from chatapp.library.gguf_parts import part_of, part_path

    part = part_of(Path(path))
    if part is None:
        return [path]
    files = [part_path(Path(path), number, part[1]) for number in range(1, part[1] + 1)]
    return [str(file) for file in files if file.exists()]


def _can_be_written(path: str) -> bool:
    return path == path.encode("utf-8", "replace").decode()


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or Path(folder) in Path(path).parents
