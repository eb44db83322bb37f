"""The card with what the model wrote at each evaluation, and a slider back through time."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QSlider, QVBoxLayout, QWidget

from chatapp.gui import theme
from chatapp.gui.lab import wording
from chatapp.gui.lab.run_reader import Record
from chatapp.runs.run_folder import Sample

_LEAST_HEIGHT = 120


class SamplesCard(QFrame):
    """Shows the newest samples until the user goes back to earlier ones."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.mark(self, surface="card")
        self._path = ""
        self._is_one_text = True  # what was written goes on from the prompt
        self._samples: dict[int, list[Sample]] = {}  # by step
        self._title = QLabel(self)
        self._title.setWordWrap(True)
        theme.mark(self._title, letters="heading")
        self._step = QLabel(self)
        theme.mark(self._step, tone="muted", letters="small")
        self._slider = QSlider(Qt.Orientation.Horizontal, self)
        self._slider.setObjectName("sampleSlider")
        self._slider.setAccessibleName(self.tr("Back through time"))
        self._text = QPlainTextEdit(self)
        self._text.setObjectName("samples")
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._text.document().setDocumentMargin(1)
        self._text.setMinimumHeight(_LEAST_HEIGHT)
        self._slider.valueChanged.connect(self._show)
        theme.notifier.changed.connect(self._show)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(6)
        layout.addWidget(self._title)
        layout.addWidget(self._step)
        layout.addWidget(self._slider)
        layout.addWidget(self._text, 1)

    def show_record(self, record: Record) -> None:
        """Show what this run wrote; an earlier step that is looked at stays."""
        kind = record.recipe.objective.kind if record.recipe is not None else "next_token"
        is_other = record.summary.path != self._path
        is_at_end = self._slider.value() == self._slider.maximum()
        samples: dict[int, list[Sample]] = {}
        for sample in record.samples:
            samples.setdefault(sample.step, []).append(sample)
        if not is_other and samples == self._samples:
            return
        self._path, self._samples = record.summary.path, samples
        self._is_one_text = kind == "next_token"
        self._title.setText(wording.samples_title(kind))
        self._text.setAccessibleName(wording.samples_title(kind))
        last = max(0, len(samples) - 1)
        self._slider.blockSignals(True)
        self._slider.setRange(0, last)
        if is_other or is_at_end:
            self._slider.setValue(last)
        self._slider.blockSignals(False)
        self._show()

    def _show(self) -> None:
        steps = list(self._samples)
        has_samples, has_choice = bool(steps), len(steps) > 1
        self._slider.setVisible(has_choice)
        self._step.setVisible(has_samples)
        self._text.clear()
        if not has_samples:
            self._text.setPlaceholderText(self.tr("Samples appear with the first evaluation."))
            return
        step = steps[min(self._slider.value(), len(steps) - 1)]
        self._step.setText(self.tr("after {} steps").format(wording.number(step)))
        self._slider.setAccessibleDescription(self._step.text())
        cursor = self._text.textCursor()
        for number, sample in enumerate(self._samples[step]):
            if number:
                cursor.insertText("\n\n")
            self._write(cursor, sample.prompt, "muted")
            text = sample.text if self._is_one_text else f"\n{sample.text.strip()}"
            self._write(cursor, text, "text")
        self._text.moveCursor(QTextCursor.MoveOperation.Start)

    def _write(self, cursor: QTextCursor, text: str, colour_name: str) -> None:
        letters = QTextCharFormat()
        letters.setForeground(theme.colour(colour_name))
        cursor.insertText(text, letters)
