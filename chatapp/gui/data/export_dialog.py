"""Export: which conversations, as what, and where to."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple, cast

from PySide6.QtCore import QStandardPaths, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QFormLayout, QLabel, QWidget

from chatapp.gui import theme
from chatapp.gui.data.jobs import export_job
from chatapp.gui.data.sheet import WorkSheet
from chatapp.gui.data.work import Work
from chatapp.gui.fields import CheckBox, Choice
from chatapp.gui.sentences import translated
from chatapp.storage.store import ConversationStore
from chatapp.transfer.exporting import ZIP, ExportReport, Format, suffix_for
from chatapp.transfer.file_names import file_name
from chatapp.transfer.training import TrainingOptions


class Scope(NamedTuple):
    """Which conversations may be exported: some, or all of them, and what they are called."""

    name: str
    title: str
    ids: Sequence[str] | None = None  # None: every conversation that is not deleted


class ExportDialog(WorkSheet):
    """Writes conversations into a file.

    Signals:
        training_data_written: A model can learn from that file.
    """

    training_data_written = Signal(str)

    def __init__(
        self, scopes: Sequence[Scope], store: ConversationStore, work: Work, parent: QWidget
    ) -> None:
        title = self.tr("Export conversations")
        words = self.tr("The file stays on this computer, where you put it.")
        super().__init__(title, words, work, parent)
        self._store = store
        self._target = Path()
        self._scope = Choice(self.tr("Which conversations"), self)
        self._scopes = scopes
        self._scope.set_choices([(n, scope.name) for n, scope in enumerate(scopes)], 0)
        self._format = Choice(self.tr("As what"), self)
        self._format.set_choices(self._formats(), "markdown")
        self._hint = QLabel(self)
        self._hint.setWordWrap(True)
        theme.mark(self._hint, tone="muted", letters="small")
        self._reasoning = CheckBox(self.tr("With the reasoning of replies"), self)
        self._unfinished = CheckBox(self.tr("With replies that were stopped or failed"), self)
        form = QFormLayout()
        form.setSpacing(12)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(self.tr("Which"), self._scope)
        form.addRow(self.tr("As"), self._format)
        self.body.addLayout(form)
        for widget in (self._hint, self._reasoning, self._unfinished):
            self.body.addWidget(widget)
        self.add_state()
        self.body.addStretch(1)
        self._open = self.add_button(self.tr("Show in folder"), self._show_file, at_left=True)
        self._open.hide()
        self._close = self.add_button(self.tr("Cancel"), self.reject)
        self._export = self.add_button(self.tr("Export…"), self.ask_where, kind="primary")
        self._export.setDefault(True)
        self._format.chosen.connect(self._explain)
        self._explain()
        self.fit(520, 340)

    def choose_everything(self) -> None:
        """The whole history, as what can be brought in again."""
        self._scope.setCurrentIndex(self._scope.count() - 1)
        self._format.set_value("json")
        self._explain()

    def choose_training(self) -> None:
        """The whole history, as what a model learns from."""
        self._scope.setCurrentIndex(self._scope.count() - 1)
        self._format.set_value("training")
        self._explain()

    def ask_where(self) -> None:
        """Ask for the file, and go on once it is named."""
        scope, suffix = self._chosen_scope(), self._suffix()
        dialog = QFileDialog(self, self.tr("Export to"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([f"*{suffix}", self.tr("All files (*)")])
        dialog.setDefaultSuffix(suffix.removeprefix("."))
        documents = QStandardPaths.StandardLocation.DocumentsLocation
        dialog.setDirectory(QStandardPaths.writableLocation(documents))
        dialog.selectFile(file_name(scope.title, suffix))
        dialog.fileSelected.connect(self._write)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def show_is_working(self, is_working: bool) -> None:
        for widget in (self._scope, self._format, self._reasoning, self._unfinished, self._export):
            widget.setEnabled(not is_working)
        self._close.setText(self.tr("Cancel") if is_working else self.tr("Close"))
        if is_working:
            self._open.hide()

    def show_result(self, result: object) -> None:
        assert isinstance(result, ExportReport)
        text = self.tr("Written to {}. Conversations in it: {}")
        texts = [text.format(self._target.name, result.n_exported)]
        if result.problems:
            texts.append(self.tr("Could not be read: {}").format(len(result.problems)))
            texts.append(translated(result.problems[0]))
        self.tell("\n".join(texts), "bad" if result.problems else "")
        self._open.show()
        self._close.setFocus()
        if self._chosen_format() == "training" and result.n_exported:
            self.training_data_written.emit(str(self._target))

    def _write(self, target: str) -> None:
        self._target = Path(target)
        options = TrainingOptions(self._reasoning.isChecked(), self._unfinished.isChecked())
        ids = self._chosen_scope().ids
        self.do(export_job(self._store, ids, self._target, self._chosen_format(), options))

    def _show_file(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._target.parent)))

    def _explain(self) -> None:
        chosen = self._chosen_format()
        self._hint.setText(self._hints()[chosen])
        for box in (self._reasoning, self._unfinished):
            box.setVisible(chosen == "training")

    def _chosen_scope(self) -> Scope:
        return self._scopes[self._scope.currentIndex()]

    def _chosen_format(self) -> Format:
        return cast(Format, self._format.currentData())

    def _suffix(self) -> str:
        ids = self._chosen_scope().ids
        if ids is None and self._chosen_format() == "json":
            return ZIP
        return suffix_for(self._chosen_format(), 0 if ids is None else len(ids))

    def _formats(self) -> list[tuple[object, str]]:
        return [
            ("markdown", self.tr("Markdown")),
            ("html", self.tr("Web page (HTML)")),
            ("json", self.tr("JSON, to bring in again")),
            ("training", self.tr("Training data (JSONL)")),
        ]

    def _hints(self) -> dict[Format, str]:
        return {
            "markdown": self.tr("The versions on show, to read and to put into notes."),
            "html": self.tr(
                "The versions on show, for any browser. The page holds all it needs, runs nothing "
                "and loads nothing."
            ),
            "json": self.tr(
                "Everything: all versions, attachments, reasoning, parameters and times. "
                "chatapp can import it."
            ),
            "training": self.tr(
                "One conversation a line, as most tools for fine-tuning read it: the versions on "
                "show."
            ),
        }


def everything(name: str) -> Scope:
    """The scope of all conversations; the file is named after the day."""
    return Scope(name, f"chatapp-history-{date.today():%Y-%m-%d}")
