"""ModelSession: which model the engine holds.

A model is brought in when it is needed, each into an engine process of its own, so the memory of
the one before is given back for certain. Knows nothing about conversations.
"""

from PySide6.QtCore import QObject, Signal

from chatapp.chat import new_id
from chatapp.gui.engine_process import EngineProcess
from chatapp.protocol import Done, Error, Load, Loaded, Progress, Unloaded
from chatapp.settings import SettingsFile

_SHORTEST_CONTEXT = 512  # tokens
_BROKEN = ("engine_died", "engine_silent", "internal")  # what only a new process gets over


class ModelSession(QObject):
    """Loads models and knows the one that is loaded.

    Attributes:
        current: What is loaded; None while nothing is.
        n_ctx: The context of the model loaded last, in tokens; 0 before the first.
        loading_path: The file that is being loaded; "" while none is.
        fraction: How much of it is loaded.

    Signals:
        progressed: `fraction` has changed.
        loaded: `current` is ready for requests; also when it was so already.
        failed: The model cannot be loaded; carries the `Error`.
        outdated: Another engine was chosen for the model at hand; `follow_choice` takes it.
        unloaded: Nothing is loaded any more: idle for long, or the engine is gone.
    """

    progressed = Signal()
    loaded = Signal()
    failed = Signal(object)
    outdated = Signal()
    unloaded = Signal()

    def __init__(
        self, engine: EngineProcess, settings: SettingsFile, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.current: Loaded | None = None
        self.n_ctx = 0
        self.loading_path = ""
        self.fraction = 0.0
        self._engine = engine
        self._settings = settings
        self._load_id = ""
        self._path = ""  # asked for last; an engine may spell it differently
        self._engine_asked = ("", "")  # the backend asked for last, and its weights
        self._shortened: dict[str, int] = {}  # contexts made shorter, by path
        engine.progress.connect(self._on_progress)
        engine.loaded.connect(self._on_loaded)
        engine.done.connect(self._on_done)
        engine.failed.connect(self._on_failed)
        engine.unloaded.connect(self._on_unloaded)
        engine.died.connect(self._on_died)
        settings.listen(self._on_settings)

    def require(self, path: str) -> None:
        """Have the model in `path` loaded; answered by `loaded` or `failed`."""
        if self.loading_path == path and not self._is_outdated():
            return
        if self.holds(path):
            self.loaded.emit()
        else:
            self._load(path)

    def holds(self, path: str) -> bool:
        """Whether the model in `path` is ready, in the engine chosen for it."""
        return self.current is not None and self._path == path and not self._is_outdated()

    def follow_choice(self) -> None:
        """Load the model at hand anew if another engine was chosen for it since."""
        if self._is_outdated():
            self._load(self._path)

    @property
    def is_native(self) -> bool:
        """Whether the model asked for last is to run in our own networks."""
        return self._engine_asked[0] == "native"

    def use_llama(self) -> None:
        """Have the model asked for last run with llama.cpp from now on."""
        self._settings.change_load(self._path, backend="llama")

    def shorten_context(self, path: str) -> None:
        """Load the model in `path` with half the context from now on."""
        loaded = self.n_ctx if self.holds(path) else 0
        before = (
            self._shortened.get(path)
            or loaded
            or self._settings.current.load_values(path).n_ctx
            or 8192
        )
        self._shortened[path] = max(_SHORTEST_CONTEXT, before // 2)
        self.current = None

    def device(self) -> str:
        """What runs the model, and on what, in words for the user."""
        if self.current is None:
            return ""
        backend = "llama.cpp"
        if self.current.backend == "native":
            backend = self.tr("own networks, {}").format(self.current.weights)
        if self.current.n_gpu_layers:
            share = self.tr("{} layers").format(self.current.n_gpu_layers)
        else:
            share = self.tr("{} threads").format(self.current.n_threads)
        return f"{backend} · {self.current.device}, {share}"

    def _load(self, path: str) -> None:
        is_used = bool(self._path)
        self.current = None
        self.loading_path = self._path = path
        self.fraction = 0.0
        self._load_id = ""  # what the restart says of a load before is of no interest any more
        if is_used:
            self._engine.restart()
        else:
            self._engine.start()
        self._load_id = new_id()
        self._engine_asked = self._engine_chosen()
        values = self._settings.current.load_values(path)
        self._engine.send(
            Load(
                id=self._load_id,
                path=path,
                backend=values.backend,
                weights=None if values.weights == "auto" else values.weights,
                n_ctx=self._shortened.get(path) or values.n_ctx or None,
                n_threads=values.n_threads or None,
                n_gpu_layers=None if values.n_gpu_layers < 0 else values.n_gpu_layers,
                idle_unload_s=values.idle_unload_s,
            )
        )
        self.progressed.emit()

    def _engine_chosen(self) -> tuple[str, str]:
        """The backend chosen for the model asked for last, and its weights."""
        values = self._settings.current.load_values(self._path)
        return values.backend, values.weights

    def _is_outdated(self) -> bool:
        """Whether a model is at hand in another engine than was chosen for it."""
        is_at_hand = self.current is not None or bool(self.loading_path)
        return is_at_hand and self._engine_asked != self._engine_chosen()

    def _on_settings(self) -> None:
        if self._is_outdated():
            self.outdated.emit()

    def _on_progress(self, event: Progress) -> None:
        if event.id == self._load_id:
            self.fraction = event.done / event.total if event.total else 0.0
            self.progressed.emit()

    def _on_loaded(self, event: Loaded) -> None:
        if event.id == self._load_id:
            self.current = event
            self.n_ctx = event.n_ctx

    def _on_done(self, event: Done) -> None:
        if event.id == self._load_id:
            self.loading_path = ""
            self.loaded.emit()

    def _on_failed(self, event: Error) -> None:
        if event.code in _BROKEN:
            self.current = None  # `died` may come only after this
        if event.id == self._load_id:
            self.loading_path = ""
            self.current = None
            self.failed.emit(event)

    def _on_unloaded(self, event: Unloaded) -> None:
        self.current = None
        self.unloaded.emit()

    def _on_died(self, text: str, exit_code: int) -> None:
        self.current = None
        self.unloaded.emit()
