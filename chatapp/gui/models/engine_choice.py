"""Which engine runs a model, and with what weights: two fields that keep what is chosen."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QWidget

from chatapp import edition
from chatapp.gui.fields import Choice
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.models.wrap_row import WrapRow
from chatapp.gui.sentences import translated


class EngineChoice(QWidget):
    """Shows the choice for one model, or for all, and keeps a change of it at once."""

    def __init__(self, shelf: ModelShelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._path = ""
        self._engine = Choice(self.tr("Runs with"), self)
        self._engine.set_choices(
            (("llama", "llama.cpp"), ("native", self.tr("Own networks (native)"))), "llama"
        )
        self._weights = Choice(self.tr("Weights"), self)
        self._weights.setToolTip(
            self.tr("How finely each weight is kept: the smaller, the less memory it takes.")
        )
        weights = (
            ("auto", self.tr("Automatic")),
            ("f32", self.tr("f32, exact")),
            ("bf16", self.tr("bf16, half of it")),
            ("int8", self.tr("int8, a quarter")),
            ("int4", self.tr("int4, the smallest")),
        )
        self._weights.set_choices(weights, "auto")
        self._engine.chosen.connect(lambda value: shelf.set_engine(self._path, backend=value))
        self._weights.chosen.connect(lambda value: shelf.set_engine(self._path, weights=value))
        self.setFocusProxy(self._engine)
        row = WrapRow(8)
        self.setLayout(row)
        row.addWidget(self._engine)
        row.addWidget(self._weights)
        shelf.changed.connect(self._show)
        self._show()

    def set_path(self, path: str) -> None:
        """Speak of the model in `path`; of all models with ""."""
        self._path = path
        self._show()

    def _show(self) -> None:
        values = self._shelf.load_values(self._path)
        entry = self._shelf.entry(self._path)
        is_folder = entry is not None and entry.is_folder
        backend = "native" if is_folder else values.backend
        self._engine.set_value(backend)
        self._weights.set_value(values.weights)
        self._weights.setEnabled(backend == "native")
        items = self._engine.model()
        assert isinstance(items, QStandardItemModel)
        items.item(self._engine.findData("llama")).setEnabled(not is_folder)
        native = items.item(self._engine.findData("native"))
        native.setEnabled(self._shelf.has_native)
        missing = "" if self._shelf.has_native else self.native_missing()
        native.setData(missing, Qt.ItemDataRole.ToolTipRole)
        self._engine.setToolTip(missing)
        self._engine.setAccessibleDescription(missing)

    def native_missing(self) -> str:
        """What the own networks lack here, and how to get it."""
        return translated(edition.how_to_get_own_networks())
