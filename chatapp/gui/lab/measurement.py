"""Something that is measured of a run's model on demand: a button, then the wait, then a report."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from chatapp import edition
from chatapp.errors import Sentence
from chatapp.gui import theme
from chatapp.gui.chat.announcement import announce
from chatapp.gui.lab.job_process import JobProcess
from chatapp.gui.lab.report_view import ReportView
from chatapp.gui.models.wrap_row import WrapRow
from chatapp.gui.sentences import translated
from chatapp.runs.report import Report


class Measurement(QWidget):
    """Has a job of its own, which goes on while another run is looked at.

    Args:
        job: What measures; it answers a report and keeps it in the folder of the run.
        title: What is measured.
        about: What that is, as long as it was not.
        button: What has it measured.
        view: Shows the report.

    Signals:
        measured: The folder of a run has a new report.
    """

    measured = Signal()

    def __init__(
        self,
        job: str,
        title: str,
        about: str,
        button: str,
        view: ReportView,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._path = self._asked = ""  # the run on show, and the one that was asked about last
        self._report: Report | None = None
        self._reason: Sentence | None = None  # why there is no report of the run asked about
        self._job = JobProcess(job, Report, self)
        self._job.answered.connect(self._on_answered)
        self._job.failed.connect(self._on_failed)
        self._title = QLabel(title, self)
        theme.mark(self._title, letters="heading")
        self._words = QLabel(about, self)
        self._words.setObjectName(f"{job}Words")
        self._words.setWordWrap(True)
        self._about = about
        self._bar = QProgressBar(self)
        self._bar.setMaximum(0)  # nobody knows how long it takes
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Being measured"))
        self._begin = QPushButton(button, self)
        self._begin.clicked.connect(self._ask)
        has_networks = edition.has_own_networks()
        self._missing = "" if has_networks else translated(edition.how_to_get_own_networks())
        self._cancel = QPushButton(self.tr("Cancel"), self)
        self._cancel.clicked.connect(self._stop)
        self._view = view
        buttons = WrapRow(8)
        buttons.addWidget(self._begin)
        buttons.addWidget(self._cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for part in (self._title, self._words, self._bar):
            layout.addWidget(part)
        layout.addLayout(buttons)
        layout.addWidget(view)

    def show_run(self, path: str, report: Report | None) -> None:
        """Show what is known of the model of this run."""
        self._path, self._report = path, report
        self._show()

    def forget(self, path: str) -> None:
        """Measure a run no more: its model is to be another."""
        if path == self._asked:
            self._stop()

    def shut_down(self) -> None:
        """The window closes."""
        self._job.shut_down()

    def _ask(self) -> None:
        self._asked, self._reason = self._path, None
        self._job.ask(self._path)
        self._show()
        self._cancel.setFocus()

    def _stop(self) -> None:
        self._job.stop()
        self._asked = ""
        self._show()

    def _on_answered(self, report: Report) -> None:
        if self._asked == self._path:
            self._report = report
            announce(self, lambda: self.tr("{}: measured.").format(self._title.text()))
        self._end_wait()
        self.measured.emit()

    def _on_failed(self, reason: Sentence) -> None:
        self._reason = reason
        if self._asked == self._path:
            announce(self, lambda: translated(reason))
        self._end_wait()

    def _end_wait(self) -> None:
        had_focus = self._cancel.hasFocus()
        self._show()
        if had_focus and self._report is not None:
            self._view.focus()
        elif had_focus:
            self._begin.setFocus()

    def _show(self) -> None:
        is_asked = self._asked == self._path
        is_waiting = is_asked and self._job.is_at_work
        has_report = self._report is not None
        reason = self._reason if is_asked else None
        self._words.setText(self._about if reason is None else translated(reason))
        theme.mark(self._words, tone="muted" if reason is None else "bad")
        self._words.setVisible(not has_report)
        self._bar.setVisible(is_waiting)
        self._cancel.setVisible(is_waiting)
        self._begin.setVisible(not has_report and not is_waiting)
        self._begin.setEnabled(not self._missing and not self._job.is_at_work)
        is_elsewhere = self._job.is_at_work and not is_asked
        elsewhere = self.tr("Another run is being measured.") if is_elsewhere else ""
        self._begin.setToolTip(self._missing or elsewhere)
        if self._report is not None:
            self._view.show_report(self._report)
        self._view.setVisible(has_report)
