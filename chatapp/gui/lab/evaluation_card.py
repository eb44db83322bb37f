"""The card that says how good the model that came out is, and which way it leans."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from chatapp.gui import theme
from chatapp.gui.lab.measurement import Measurement
from chatapp.gui.lab.report_view import ReportView
from chatapp.gui.lab.report_words import Notes
from chatapp.gui.lab.run_reader import AT_WORK, Record

_GENERATORS = ("next_token", "chat")  # what gives every text a probability
_NOT_MEASURED = ("masked_lm",)  # there is nothing it is for that could be counted


class EvaluationCard(QFrame):
    """Speaks of one model.

    Signals:
        measured: The folder of a run has a new report.
    """

    measured = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runEvaluation")
        theme.mark(self, surface="card")
        notes = Notes(self)
        title = self.tr("How good it is")
        self._evaluation = Measurement(
            "evaluate",
            title,
            self.tr(
                "Measures the model on all that was held out, beside simple models, with 95 %"
                " intervals. It takes seconds for a small model and minutes for a large one."
            ),
            self.tr("Evaluate"),
            ReportView(title, notes.evaluation),
            self,
        )
        title = self.tr("Which way it leans")
        self._bias = Measurement(
            "bias",
            title,
            self.tr(
                "Compares English sentences that differ in one word, as “young” and “old”: how"
                " much likelier the one is to the model, and how much that depends on what is told."
            ),
            self.tr("Probe for bias"),
            ReportView(title, notes.bias),
            self,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(16)
        for each in (self._evaluation, self._bias):
            each.measured.connect(self.measured)
            layout.addWidget(each)

    def show_record(self, record: Record) -> None:
        """Speak of what came out of this run, if something did."""
        run = record.summary
        kind = record.recipe.objective.kind if record.recipe is not None else ""
        is_at_work = run.phase in AT_WORK
        if is_at_work:
            self._evaluation.forget(run.path)
            self._bias.forget(run.path)
        is_shown = record.has_result and not is_at_work and kind not in _NOT_MEASURED
        self.setVisible(is_shown)
        if is_shown:
            self._evaluation.show_run(run.path, record.report)
            self._bias.show_run(run.path, record.bias)
            self._bias.setVisible(kind in _GENERATORS)

    def shut_down(self) -> None:
        """The window closes."""
        self._evaluation.shut_down()
        self._bias.shut_down()
