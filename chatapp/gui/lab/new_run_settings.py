"""The card of how a new run learns: what matters in plain words, and every number under More."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from chatapp.gui import icons, theme
from chatapp.gui.fields import Choice, NumberField
from chatapp.gui.lab.new_run_recipes import Card, Wishes, recipes_of
from chatapp.gui.model_shelf import ModelShelf
from chatapp.runs.recipe import Recipe

_A_WEEK = 7 * 24 * 60  # minutes
_OTHER = "another"  # stands for a model that is to be chosen


class _Number(NamedTuple):
    """A number of [training]: the words for it, what it means, its range and decimals."""

    name: str
    words: str
    tip: str
    low: float
    high: float
    decimals: int = 0
    step: float = 1


class _ShortNumber(NumberField):
    def textFromValue(self, value: float) -> str:
        text, point = super().textFromValue(value), self.locale().decimalPoint()
        return text.rstrip("0").removesuffix(point) if point in text else text


class NewRunSettings(QFrame):
    """Takes what the user wishes.

    Signals:
        changed: Something is wished otherwise.
    """

    changed = Signal()

    def __init__(self, shelf: ModelShelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("newRunSettings")
        theme.mark(self, surface="card")
        self._shelf = shelf
        self._card: Card | None = None
        self._bases: list[Recipe] = []
        self._changed: dict[str, Any] = {}  # numbers of [training] that the user entered
        self._held_out: float | None = None
        self._has_start = False  # whether the card begins with a model, or may
        self._model = ""  # the model chosen to begin with
        self._others: list[str] = []  # models that the user pointed at
        self._numbers: dict[str, NumberField] = {}
        self._build()
        shelf.changed.connect(self._offer_models)

    @property
    def bases(self) -> Sequence[Recipe]:
        """The recipes of the card, as it comes along."""
        return self._bases

    @property
    def needs_model(self) -> bool:
        """Whether a model to begin with is still to be chosen."""
        return any(base.model.start for base in self._bases) and not self._model

    def wishes(self) -> Wishes:
        """What is filled in."""
        return Wishes(
            name=self._name.text().strip() or self._name.placeholderText(),
            licence=self._licence.text().strip(),
            start=self._model,
            size=self._size.currentData(),
            minutes=self._minutes.value(),
            training=dict(self._changed),
            held_out=self._held_out,
        )

    def begin(self, card: Card) -> None:
        """Show what this card begins with.

        Raises:
            TrainingError: If a recipe of the program is damaged.
        """
        self._card = card
        self._changed, self._held_out = {}, None
        self._name.clear()
        self._name.setPlaceholderText(card.title)
        self._size.set_value("small")
        with_model = recipes_of(card, "?")
        self._minutes.show_value(with_model[0].training.max_minutes)
        self._has_start = any(recipe.model.start for recipe in with_model)
        self._form.setRowVisible(self._start, self._has_start)
        if card.recipe is not None:
            self._licence.setText(card.recipe.data.licence)
            self._take_other(card.recipe.model.start)
        else:
            is_chat = with_model[0].objective.kind == "chat"
            self._take_model(self._first_model() if is_chat else "")

    # ---- what it is made of ----

    def _build(self) -> None:
        title = QLabel(self.tr("How it learns"), self)
        theme.mark(title, letters="heading")
        self._name = QLineEdit(self)
        self._name.setObjectName("runNameField")
        self._name.textChanged.connect(self.changed)
        self._start = Choice(self.tr("Begins with"), self)
        self._start.setPlaceholderText(self.tr("to be chosen"))
        self._start.chosen.connect(self._on_start)
        self._size = Choice(self.tr("Size of the model"), self)
        self._size.set_choices(
            [
                ("small", self.tr("small: learns fastest")),
                ("medium", self.tr("medium: about three times the weights")),
                ("large", self.tr("large: about seven times the weights")),
            ],
            "small",
        )
        self._size.chosen.connect(self.changed)
        self._minutes = NumberField(self.tr("Minutes"), 0, _A_WEEK, step=5)
        self._minutes.setSpecialValueText(self.tr("as long as it takes"))
        self._minutes.setAlignment(Qt.AlignmentFlag.AlignLeading)  # it is words most of the time
        self._minutes.setSuffix(self.tr(" min"))
        self._minutes.entered.connect(self._on_minutes)
        self._licence = QLineEdit(self)
        self._licence.setPlaceholderText(self.tr("such as CC BY 4.0; it is kept with the model"))
        self._licence.textChanged.connect(self.changed)
        self._form = _form()
        self._form.addRow(self._words(self.tr("Name"), self._name), self._name)
        for words, widget in (
            (self.tr("Begins with"), self._start),
            (self.tr("Size of the model"), self._size),
            (self.tr("How long"), self._minutes),
            (self.tr("Licence of the data"), self._licence),
        ):
            self._form.addRow(self._words(words, widget), widget)
        self._more = QPushButton(self.tr("More"), self)
        self._more.setObjectName("moreNumbers")
        self._more.setCheckable(True)
        self._more.setIcon(icons.icon("chevron-down"))
        theme.mark(self._more, kind="quiet")
        self._more.toggled.connect(self._show_more)
        self._details = QWidget(self)
        details = _form()
        details.setContentsMargins(0, 0, 0, 0)
        self._details.setLayout(details)
        for one in self._all_numbers():
            field = _ShortNumber(
                one.words, one.low, one.high, decimals=one.decimals, step=one.step, parent=self
            )
            field.setToolTip(one.tip)
            field.entered.connect(self._taker(one))
            self._numbers[one.name] = field
            details.addRow(self._words(one.words, field, one.tip), field)
        self._details.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(10)
        layout.addWidget(title)
        layout.addLayout(self._form)
        layout.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeading)
        layout.addWidget(self._details)
        for line in self.findChildren(QLineEdit):
            line.setAcceptDrops(False)  # files that are dropped are data, not words

    def _all_numbers(self) -> list[_Number]:
        return [
            _Number(
                "max_steps", self.tr("Steps"),
                self.tr("How often the weights are changed, unless the minutes say when to end."),
                1, 10_000_000, step=100,
            ),
            _Number(
                "batch_size", self.tr("Examples in a step"),
                self.tr("More make each step surer and slower."), 1, 4_096,
            ),
            _Number(
                "learning_rate", self.tr("Learning rate"),
                self.tr("How far a step goes. Too much, and the loss jumps; too little, and it"
                        " hardly falls."),
                1e-6, 1, 6, 1e-4,
            ),
            _Number(
                "warmup_steps", self.tr("Steps of warm-up"),
                self.tr("Over which the learning rate rises from nothing."), 0, 1_000_000, step=10,
            ),
            _Number(
                "weight_decay", self.tr("Weight decay"),
                self.tr("Pulls the weights towards nothing, against learning by heart."),
                0, 10, 3, 0.01,
            ),
            _Number(
                "eval_interval", self.tr("Steps between evaluations"),
                self.tr("After each of them the held out part is tried, and a sample written."),
                1, 1_000_000, step=10,
            ),
            _Number(
                "patience", self.tr("Evaluations without gain, then stop"),
                self.tr("0 goes on to the end."), 0, 1_000,
            ),
            _Number(
                "held_out", self.tr("Held out, %"),
                self.tr("The share of the data that is never learned from: by it the model is"
                        " judged."),
                1, 50,
            ),
            _Number(
                "seed", self.tr("Seed"),
                self.tr("Of all that is drawn: the same seed gives the same model."), 0, 2**31 - 1,
            ),
            _Number(
                "n_threads", self.tr("Threads of the processor"),
                self.tr("0 takes one for each core."), 0, 1_024,
            ),
        ]  # fmt: skip

    def _words(self, words: str, buddy: QWidget, tip: str = "") -> QLabel:
        label = QLabel(words, self)
        label.setBuddy(buddy)
        label.setToolTip(tip)
        buddy.setAccessibleName(words)
        return label

    # ---- models to begin with ----

    def _offer_models(self) -> None:
        choices: list[tuple[object, str]] = []
        if self._card is not None and self._card.from_nothing:
            choices.append(("", self.tr("nothing: a new network")))
        if self._bases and self._bases[0].objective.kind != "answers":  # what chats, marks nothing
            usable = [entry for entry in self._shelf.entries if not entry.error]
            choices += [(entry.path, entry.name) for entry in usable]
        known = [path for path, _ in choices]
        choices += [(path, Path(path).name) for path in self._others if path not in known]
        choices.append((_OTHER, self.tr("another model: its folder…")))
        self._start.set_choices(choices, self._model)

    def _first_model(self) -> str:
        default = self._shelf.default()
        return default.path if default is not None else ""

    def _on_start(self, path: str) -> None:
        if path != _OTHER:
            self._take_model(path)
            return
        self._start.set_value(self._model)
        dialog = QFileDialog(self, self.tr("Choose the folder of a model"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._take_other)
        dialog.open()

    def _take_other(self, path: str) -> None:
        if path and path not in self._others:
            self._others.append(path)
        self._take_model(path)

    def _take_model(self, path: str) -> None:
        assert self._card is not None
        self._model = path
        self._bases = recipes_of(self._card, path)
        self._offer_models()
        self._show_numbers()

    # ---- numbers ----

    def _show_numbers(self) -> None:
        first = self._bases[0]
        is_new = not first.model.start
        is_of_card = self._card is not None and self._card.recipe is None
        self._form.setRowVisible(self._size, is_new and is_of_card and len(self._bases) == 1)
        for name, field in self._numbers.items():
            if name == "held_out":
                share = first.data.held_out if self._held_out is None else self._held_out
                field.show_value(100 * share)
            else:
                field.show_value(self._changed.get(name, getattr(first.training, name)))
        self._on_minutes(self._minutes.value())

    def _taker(self, one: _Number) -> Callable[[float], None]:
        def take(value: float) -> None:
            if one.name == "held_out":
                self._held_out = value / 100
            else:
                self._changed[one.name] = value if one.decimals else int(value)
            self.changed.emit()

        return take

    def _on_minutes(self, minutes: float) -> None:
        for name in ("max_steps", "warmup_steps", "eval_interval"):
            self._numbers[name].setEnabled(not minutes)
        self.changed.emit()

    def _show_more(self, is_shown: bool) -> None:
        self._more.setIcon(icons.icon("chevron-up" if is_shown else "chevron-down"))
        self._details.setVisible(is_shown)


def _form() -> QFormLayout:
    form = QFormLayout()
    form.setSpacing(10)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    return form
