"""What went wrong, in plain words, with the buttons that help."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from chatapp.gui import theme


class ErrorCard(QFrame):
    """A card in the transcript that tells of one failure; the buttons carry the way out."""

    action_requested = Signal(str)
    height_changed = Signal()

    def __init__(
        self,
        title: str,
        text: str,
        actions: Sequence[tuple[str, str]],
        details: str = "",
        parent: QWidget | None = None,
        is_broken: bool = True,
    ) -> None:
        """Build the card.

        Args:
            title: What happened.
            text: What it means and what to do.
            actions: Name and label of each button; the first is the one recommended.
            details: For those who want to know more; shown when asked for.
            parent: The owner.
            is_broken: Whether something failed; else it only waits for the user.
        """
        super().__init__(parent)
        self.setObjectName("errorCard")
        theme.mark(self, surface="bad" if is_broken else "card")
        self.setAccessibleName(f"{title} {text}")
        self._details = self._text_label(details)
        self._details.setFont(theme.code_font(theme.SMALL_PX))
        self._details.hide()
        heading = self._text_label(title)
        heading.setObjectName("errorTitle")
        explanation = self._text_label(text)
        theme.mark(explanation, tone="muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(4)
        layout.addWidget(heading)
        layout.addWidget(explanation)
        layout.addSpacing(8)
        layout.addLayout(self._buttons(actions, bool(details)))
        layout.addWidget(self._details)

    def tab_stops(self) -> list[QWidget]:
        """What the Tab key stops at, from the first to the last."""
        return [self, *self.findChildren(QPushButton)]

    def _show_details(self, visible: bool) -> None:
        self._details.setVisible(visible)
        self.height_changed.emit()

    def _text_label(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _buttons(self, actions: Sequence[tuple[str, str]], has_details: bool) -> QHBoxLayout:
        buttons: list[QPushButton] = []
        for index, (action, label) in enumerate(actions):
            button = QPushButton(label, self)
            if index == 0:
                theme.mark(button, kind="primary")
            button.clicked.connect(lambda _=False, name=action: self.action_requested.emit(name))
            buttons.append(button)
        if has_details:
            toggle = QPushButton(self.tr("Details"), self)
            toggle.setCheckable(True)
            toggle.toggled.connect(self._show_details)
            buttons.append(toggle)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in buttons:
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the transcript leads the Tab key here
            row.addWidget(button)
        row.addStretch()
        return row
