"""The card of the data of a new run: which files, what is in them, and what is wrong with them."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import structs
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from chatapp.errors import Sentence
from chatapp.gui import theme
from chatapp.gui.chat.elided_label import ElidedLabel
from chatapp.gui.fields import CheckBox
from chatapp.gui.lab.data_preview import DataPreview, role_words
from chatapp.gui.lab.job_process import JobProcess
from chatapp.gui.lab.new_run_recipes import Form
from chatapp.gui.lab.preview_words import kind_words, preview_words, problem_words
from chatapp.gui.models.wrap_row import WrapRow
from chatapp.gui.sentences import translated
from chatapp.runs.preview import Preview
from chatapp.runs.source import Source


class NewRunData(QFrame):
    """Asks for files, has them looked at, and shows what was found.

    Attributes:
        source: The data, once something can be learned from it; else None.

    Signals:
        changed: `source` is another.
        export_requested: The user wants to export conversations to learn from.
    """

    changed = Signal()
    export_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("newRunData")
        theme.mark(self, surface="card")
        self.source: Source | None = None
        self._form = Form((), ())
        self._asked: Source | tuple[str, ...] = ()  # the files named last
        self._job = JobProcess("preview", Preview, self)
        self._job.answered.connect(self._on_preview)
        self._job.failed.connect(self._on_failed)
        self._build()

    def begin(self, form: Form, wants: str, source: Source | None = None) -> None:
        """Ask for data of this form: `source`, or the files named before if they were of the same.

        Args:
            form: What can be learned from.
            wants: The same in words.
            source: Data to begin with.
        """
        is_same, self._form = form == self._form, form
        self._wants.setText(wants)
        self._folder.setVisible("text" in form.kinds)
        self._export.setVisible("chats" in form.kinds)
        self._clear()
        if source is not None:
            self._ask(source)
        elif not is_same:
            self._asked = ()
        elif paths := _paths(self._asked):
            self.take(paths)

    def take(self, paths: Sequence[str]) -> None:
        """Look at these files."""
        self._ask(tuple(paths))

    def focus_first(self) -> None:
        """Let the keys work on it."""
        self._choose.setFocus()

    def look_again(self) -> None:
        """Ask once more what `stop` has ended."""
        if self._asked and self.source is None and not self._job.is_at_work:
            self._ask(self._asked)

    def stop(self) -> None:
        """Look no more."""
        self._job.stop()

    def shut_down(self) -> None:
        """The window closes."""
        self._job.shut_down()

    # ---- what it is made of ----

    def _build(self) -> None:
        title = QLabel(self.tr("Your data"), self)
        theme.mark(title, letters="heading")
        self._wants = QLabel(self)
        self._wants.setWordWrap(True)
        theme.mark(self._wants, tone="muted")
        self._choose = QPushButton(self.tr("Choose files…"), self)
        self._choose.clicked.connect(self._ask_for_files)
        self._folder = QPushButton(self.tr("Choose a folder…"), self)
        self._folder.clicked.connect(self._ask_for_folder)
        self._export = QPushButton(self.tr("Export conversations…"), self)
        self._export.clicked.connect(self.export_requested)
        hint = QLabel(self.tr("or drop them here"), self)
        theme.mark(hint, tone="muted")
        buttons = WrapRow(8)
        for widget in (self._choose, self._folder, self._export, hint):
            buttons.addWidget(widget)
        self._files = ElidedLabel(parent=self)
        self._state = self._label("dataState")
        self._has_header = CheckBox(self.tr("The first row names the columns"), self)
        self._has_header.clicked.connect(self._on_header)
        self.preview = DataPreview(self)
        self.preview.roles_chosen.connect(self._on_roles)
        self._problems = self._label("dataProblems")
        theme.mark(self._problems, tone="bad")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(8)
        layout.addWidget(title)
        layout.addWidget(self._wants)
        layout.addLayout(buttons)
        for part in (self._files, self._state, self._problems, self._has_header, self.preview):
            layout.addWidget(part)

    def _label(self, name: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    # ---- what it shows ----

    def _clear(self) -> None:
        self._show(None, "", "")
        for widget in (self._files, self._has_header, self.preview):
            widget.hide()

    def _show(self, source: Source | None, words: str, problem: str) -> None:
        self._state.setText(words)
        self._state.setVisible(bool(words))
        self._problems.setText(problem)
        self._problems.setVisible(bool(problem))
        if source != self.source:
            self.source = source
            self.changed.emit()

    def _ask(self, wanted: Source | tuple[str, ...]) -> None:
        self._asked = wanted
        self._files.setText(", ".join(Path(path).name for path in _paths(wanted)))
        self._files.show()
        self._show(None, self.tr("Looking at it…"), "")
        self._job.ask(wanted)

    def _on_preview(self, found: Preview) -> None:
        self._asked = found.source
        if found.source.kind not in self._form.kinds:
            self._clear()
            self._files.show()
            words = self.tr("{found} That is not what is learned from here: {wanted}.")
            text = words.format(found=kind_words(found.source.kind), wanted=self._wants.text())
            self._show(None, "", text)
            return
        is_table = found.source.kind == "table" and bool(found.columns)
        self.preview.setVisible(bool(found.columns))
        self.preview.show_columns(found.columns, self._form.roles)
        name = found.source.paths[0].lower().removesuffix(".gz")
        self._has_header.setVisible(is_table and not name.endswith((".jsonl", ".ndjson")))
        self._has_header.setChecked(found.source.has_header)
        if is_table and not self._has_roles(found.source):
            return
        problems = problem_words(found.problems)
        self._show(
            None if problems else found.source, "" if problems else preview_words(found), problems
        )

    def _has_roles(self, source: Source) -> bool:
        """Whether each role has its column; those that were guessed may be more, or others."""
        roles = self.preview.roles
        missing = [role for role in self._form.roles if role not in roles]
        if missing:
            names = ", ".join(role_words(role) for role in missing)
            self._show(None, self.tr("Say which column holds: {}").format(names), "")
            return False
        if roles != source.columns:
            self._ask(structs.replace(source, columns=dict(roles)))
            return False
        return True

    def _on_failed(self, sentence: Sentence) -> None:
        self._clear()
        self._files.show()
        self._show(None, "", translated(sentence))

    # ---- what the user wants ----

    def _on_roles(self) -> None:
        if isinstance(self._asked, Source) and self._has_roles(self._asked):
            self._ask(self._asked)

    def _on_header(self, has_header: bool) -> None:
        if isinstance(self._asked, Source):
            self._ask(structs.replace(self._asked, has_header=has_header, columns={}))

    def _ask_for_files(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose files to learn from"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        self._open(dialog)

    def _ask_for_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a folder of texts to learn from"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._open(dialog)

    def _open(self, dialog: QFileDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self.take)
        dialog.open()


def _paths(asked: Source | tuple[str, ...]) -> tuple[str, ...]:
    return asked.paths if isinstance(asked, Source) else asked
