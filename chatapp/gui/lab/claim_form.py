"""What a measurement needs of the user: their data, the minutes, the models trained before."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QFormLayout, QFrame, QLabel, QVBoxLayout, QWidget

from chatapp.gui import theme
from chatapp.gui.fields import Choice, NumberField
from chatapp.gui.lab.new_run_data import NewRunData
from chatapp.gui.lab.new_run_recipes import FORMS
from chatapp.gui.model_shelf import ModelShelf
from chatapp.runs.comparison import MINUTES, ON_DATA, Claim, ClaimName

_A_DAY = 24 * 60  # minutes
_OTHER = "another"  # stands for a model that is to be chosen


class ClaimForm(QWidget):
    """Asks for what one claim needs; for most it is nothing.

    Signals:
        changed: Something is wished otherwise.
    """

    changed = Signal()

    def __init__(self, shelf: ModelShelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name: ClaimName = "gradients"
        self.data = NewRunData(self)
        self.data.changed.connect(self.changed)
        self._minutes = NumberField(self.tr("Minutes for each network"), 1, _A_DAY, parent=self)
        self._minutes.setSuffix(self.tr(" min"))
        self._minutes.show_value(MINUTES)
        self._minutes.entered.connect(self.changed)
        self._encoder = ModelChoice(self.tr("A trained encoder, like BERT"), self)
        self._decoder = _DecoderChoice(self.tr("A trained model like GPT or Llama"), shelf, self)
        for choice in (self._encoder, self._decoder):
            choice.changed.connect(self.changed)
        self._rows = QFormLayout()
        self._rows.setSpacing(10)
        self._rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for field in (self._minutes, self._encoder, self._decoder):
            label = QLabel(field.accessibleName(), self)
            label.setBuddy(field)
            self._rows.addRow(label, field)
        settings = QFrame(self)
        settings.setObjectName("claimSettings")
        theme.mark(settings, surface="card")
        settings.setLayout(self._rows)
        self._rows.setContentsMargins(16, 12, 16, 14)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addWidget(self.data)
        layout.addWidget(settings)

    @property
    def claim(self) -> Claim | None:
        """What is to be measured; None while something is missing."""
        if self._name not in ON_DATA:
            return Claim(name=self._name)
        if self.data.source is None:
            return None
        has_models = self._name == "transfer"
        return Claim(
            name=self._name,
            source=self.data.source,
            minutes=self._minutes.value(),
            encoder=self._encoder.path if has_models else "",
            decoder=self._decoder.path if has_models else "",
        )

    def begin(self, name: ClaimName, wants: str) -> None:
        """Ask for what this claim needs."""
        self._name = name
        self.setVisible(name in ON_DATA)
        has_models = name == "transfer"
        for field in (self._encoder, self._decoder):
            self._rows.setRowVisible(field, has_models)
        if name in ON_DATA:
            self.data.begin(FORMS["classification" if has_models else "next_token"], wants)


class ModelChoice(Choice):
    """A model on this computer, or none.

    Signals:
        changed: `path` is another.
    """

    changed = Signal()

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(name, parent)
        self.path = ""
        self._others: list[str] = []
        self.chosen.connect(self._on_chosen)
        self._offer()

    def _known(self) -> list[tuple[object, str]]:
        """Models that need not be pointed at."""
        return []

    def _offer(self) -> None:
        choices: list[tuple[object, str]] = [("", self.tr("none: its rows are left out"))]
        choices += self._known()
        known = [path for path, _ in choices]
        choices += [(path, Path(path).name) for path in self._others if path not in known]
        choices.append((_OTHER, self.tr("another model: its folder…")))
        self.set_choices(choices, self.path)

    def _on_chosen(self, path: str) -> None:
        if path != _OTHER:
            self.path = path
            self.changed.emit()
            return
        self.set_value(self.path)
        dialog = QFileDialog(self, self.tr("Choose the folder of a model"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._take)
        dialog.open()

    def _take(self, path: str) -> None:
        self._others.append(path)
        self.path = path
        self._offer()
        self.changed.emit()


class _DecoderChoice(ModelChoice):
    """The models that are chatted with, or another."""

    def __init__(self, name: str, shelf: ModelShelf, parent: QWidget) -> None:
        self._shelf = shelf
        super().__init__(name, parent)
        shelf.changed.connect(self._offer)

    def _known(self) -> list[tuple[object, str]]:
        return [(entry.path, entry.name) for entry in self._shelf.entries if not entry.error]
