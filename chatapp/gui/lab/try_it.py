"""What tries the model of a run: opened when it is seen, and asked in the way of its kind."""

from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from chatapp import edition
from chatapp.errors import Sentence
from chatapp.gui import theme
from chatapp.gui.lab.run_reader import Record
from chatapp.gui.lab.try_answers import AnswerTrial
from chatapp.gui.lab.try_labels import LabelTrial
from chatapp.gui.lab.try_process import TrialProcess
from chatapp.gui.lab.try_translation import TranslationTrial
from chatapp.gui.sentences import translated
from chatapp.runs.recipe import ObjectiveName
from chatapp.runs.run_folder import RESULT
from chatapp.runs.trial import Answer, Ask, Kind, Ready

_PASSING_MS = 400  # whoever only passes by on the way through the list starts nothing
_NOT_ASKED: dict[ObjectiveName, Kind] = {
    "next_token": "generator",
    "chat": "generator",
    "masked_lm": "other",
}

Trial = LabelTrial | TranslationTrial | AnswerTrial


class TryIt(QWidget):
    """Lets the user try one model.

    Its process begins when this has been seen for a moment and ends when it is seen no more; what
    was typed stays.

    Args:
        folder: Of the model.
        process: Opens it.
        instead: What to say in place of opening it; "" to open it.
    """

    def __init__(
        self, folder: str, process: TrialProcess, instead: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._folder = folder
        self._process = process
        self._instead = instead
        self._trial: Trial | None = None
        self._moment = QTimer(self, singleShot=True, interval=_PASSING_MS)
        self._moment.timeout.connect(self._open)
        title = QLabel(self.tr("Try it"), self)
        theme.mark(title, letters="heading")
        self._words = QLabel(instead, self)
        self._words.setObjectName("tryItWords")
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        theme.mark(self._words, tone="muted")
        self._again = QPushButton(self.tr("Try again"), self)
        self._again.clicked.connect(self._open)
        self._again.hide()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 10, 0, 0)
        self._layout.setSpacing(8)
        self._layout.addWidget(title)
        self._layout.addWidget(self._words)
        self._layout.addWidget(self._again, 0, Qt.AlignmentFlag.AlignLeading)
        process.opened.connect(self._on_opened)
        process.answered.connect(self._on_answered)
        process.failed.connect(self._on_failed)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._instead and not event.spontaneous():
            self._say_opening()
            self._moment.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # not only minimised
            self._moment.stop()
            self._process.close()
            self._stop_waiting()

    def _open(self) -> None:
        self._say_opening()
        self._process.open(self._folder)

    def _say_opening(self) -> None:
        self._say("" if self._trial is not None else self.tr("The model is being opened…"))

    def _on_opened(self, ready: Ready) -> None:
        if self._trial is None:
            self._trial = _trial(ready, self)
            if self._trial is None:
                self._say(_instead(ready.kind))
                self._process.close()
                return
            self._trial.asked.connect(self._process.ask)
            self._layout.addWidget(self._trial)
            for before, after in pairwise((self._again, *self._trial.fields)):
                QWidget.setTabOrder(before, after)
        self._say("")

    def _on_answered(self, asked: Ask, answer: Answer) -> None:
        if self._trial is not None:
            self._trial.show_answer(asked, answer)

    def _on_failed(self, reason: Sentence) -> None:
        self._stop_waiting()
        self._say(translated(reason), is_failure=True)

    def _stop_waiting(self) -> None:
        if self._trial is not None:
            self._trial.stop_waiting()

    def _say(self, words: str, *, is_failure: bool = False) -> None:
        theme.mark(self._words, tone="bad" if is_failure else "muted")
        self._words.setText(words)
        self._words.setVisible(bool(words))
        self._again.setVisible(is_failure)


def make_try_it(record: Record, process: TrialProcess) -> TryIt:
    """What tries the model that came out of a run."""
    objective = record.recipe.objective.kind if record.recipe is not None else "answers"
    if not edition.has_own_networks():
        instead = translated(edition.how_to_get_own_networks())
    else:
        kind = _NOT_ASKED.get(objective)
        instead = "" if kind is None else _instead(kind)
    return TryIt(str(Path(record.summary.path) / RESULT), process, instead)


def _instead(kind: Kind) -> str:
    """What to say of a model that is not asked here."""
    translate = QCoreApplication.translate
    if kind == "generator":
        return translate("lab", "It goes on with any text. Chat with it to see how well.")
    return translate(
        "lab",
        "It fills gaps in texts, and there is nothing to ask it. It is a good beginning: in a new "
        "run it can learn to sort texts or to find answers.",
    )


def _trial(ready: Ready, parent: QWidget) -> Trial | None:
    """What a model of that kind is tried with; None for those that are not asked here."""
    match ready.kind:
        case "classifier":
            return LabelTrial(ready.labels, parent)
        case "translator":
            return TranslationTrial(parent)
        case "answers":
            return AnswerTrial(parent)
    return None
