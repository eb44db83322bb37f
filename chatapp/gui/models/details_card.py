"""The card of the chosen model: what it is, whether it fits, and what can be done with it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from chatapp.gui import icons, theme
from chatapp.gui.chat.elided_label import ElidedLabel
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.models import wording
from chatapp.gui.models.engine_choice import EngineChoice
from chatapp.gui.models.wrap_row import WrapRow

if TYPE_CHECKING:
    from chatapp.library.shelf import ModelEntry


class DetailsCard(QFrame):
    """Speaks of one model.

    Signals:
        chat_requested: Chat with it.
        default_requested: Use it for new chats.
        show_requested: Show its file in its folder.
        removal_requested: Take it off the list.
    """

    chat_requested = Signal()
    default_requested = Signal()
    show_requested = Signal()
    removal_requested = Signal()

    def __init__(self, shelf: ModelShelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.mark(self, surface="card")
        self._shelf = shelf
        self._is_usable = True  # the model it speaks of
        self._name = ElidedLabel(parent=self)
        self._name.setObjectName("modelName")
        theme.set_font(self._name, 14, QFont.Weight.DemiBold)
        self._figures = ElidedLabel(parent=self)
        theme.mark(self._figures, tone="muted")
        self._advice = QLabel(self)
        self._advice.setObjectName("modelAdvice")
        self._advice.setWordWrap(True)
        self._engine = EngineChoice(shelf, self)
        self._runs_with = QLabel(self.tr("Runs with"), self)
        self._runs_with.setBuddy(self._engine)
        self._missing = QLabel(self._engine.native_missing(), self)
        self._missing.setObjectName("nativeMissing")
        self._missing.setWordWrap(True)
        theme.mark(self._missing, tone="muted", letters="small")
        self._chat = self._button(self.tr("Chat"), self.chat_requested)
        self._default = self._button(self.tr("Use for new chats"), self.default_requested)
        self._show = self._button(self.tr("Show file"), self.show_requested)
        self._remove = self._button(
            self.tr("Take off the list"), self.removal_requested, kind="quiet"
        )
        self._lay_out()

    def set_entry(self, entry: "ModelEntry", is_default: bool) -> None:
        """Speak of this one."""
        is_usable = not entry.error
        self._name.setText(entry.name)
        self._figures.setText(wording.figures(entry) if is_usable else entry.path)
        self._advice.setText(wording.advice(entry))
        theme.mark(self._advice, tone="muted" if wording.fit(entry)[1] != "bad" else "bad")
        self._engine.set_path(entry.path)
        self._is_usable = is_usable
        self._show_engine()
        self._chat.setVisible(is_usable)
        fits = entry.fit is None or entry.fit.level != "no"
        self._chat.setText(self.tr("Chat") if fits else self.tr("Try it anyway"))
        theme.mark(self._chat, kind="primary" if fits else "")
        self._default.setVisible(is_usable)
        self._default.setEnabled(not is_default)
        self._default.setText(
            self.tr("Used for new chats") if is_default else self.tr("Use for new chats")
        )
        self._default.setIcon(icons.icon("check", "faint") if is_default else icons.icon("star"))
        self.setAccessibleName(wording.spoken(entry, is_default))

    def set_compact(self, is_compact: bool) -> None:
        """Leave the figures out where there is little height."""
        self._figures.setHidden(is_compact)

    def focus_advice(self) -> None:
        """Bring the keyboard to what can be done about a model that does not fit."""
        self._chat.setFocus()

    def _show_engine(self) -> None:
        self._engine.setVisible(self._is_usable)
        self._runs_with.setVisible(self._is_usable)
        self._missing.setVisible(self._is_usable and not self._shelf.has_native)

    def _button(self, text: str, clicked: SignalInstance, kind: str = "") -> QPushButton:
        button = QPushButton(text, self)
        theme.mark(button, kind=kind)
        button.clicked.connect(clicked)
        return button

    def _lay_out(self) -> None:
        buttons = WrapRow(8)
        for button in (self._chat, self._default, self._show, self._remove):
            buttons.addWidget(button)
        engine = WrapRow(8)
        engine.addWidget(self._runs_with)
        engine.addWidget(self._engine)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(3)
        layout.addWidget(self._name)
        layout.addWidget(self._figures)
        layout.addWidget(self._advice)
        layout.addSpacing(5)
        layout.addLayout(engine)
        layout.addWidget(self._missing)
        layout.addStretch(1)
        layout.addSpacing(6)
        layout.addLayout(buttons)
