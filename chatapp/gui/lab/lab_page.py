"""The Lab: the runs at the left, the one that is looked at beside them."""

from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QEvent, QModelIndex, QSize, Qt, QThreadPool, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QHideEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from chatapp import edition, paths
from chatapp.errors import TrainingError
from chatapp.gui import icons, theme
from chatapp.gui.chat.notice_bar import NoticeBar
from chatapp.gui.lab.claim_page import ClaimPage
from chatapp.gui.lab.new_run_page import NewRunPage
from chatapp.gui.lab.no_runs import NoRuns
from chatapp.gui.lab.run_list import RUN_ROLE, RunListModel, RunListView
from chatapp.gui.lab.run_page import RunPage
from chatapp.gui.lab.run_reader import Record, Summary
from chatapp.gui.lab.run_remover import RunRemover
from chatapp.gui.lab.run_watcher import RunWatcher
from chatapp.gui.lab.try_it import make_try_it
from chatapp.gui.lab.try_process import TrialProcess
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.models.model_adder import ModelAdder
from chatapp.gui.sentences import translated
from chatapp.runs.recipe import Recipe, read_recipe
from chatapp.runs.run_folder import RESULT, RunFolder, free_name

_LIST_WIDTH, _WIDEST = 260, 340
_NARROW = 720  # below, either the list is on show or a run
_LEAST_SIZE = QSize(320, 320)


class _OffShelf(NamedTuple):
    path: str
    was_default: bool


class LabPage(QWidget):
    """Shows what is learned on this computer, and hands on the user's wishes.

    Attributes:
        watcher: The runs; starts and stops them.
        run_page: The page of a run.
        new_run: The page that leads to a new one.
        claims: The page of what textbooks say.

    Signals:
        new_run_asked: The user wants to begin a run.
        chat_requested: The user wants to chat with the model in that path, which is on the shelf.
        export_requested: The user wants to export conversations to learn from.
    """

    new_run_asked = Signal()
    chat_requested = Signal(str)
    export_requested = Signal()

    def __init__(self, shelf: ModelShelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._off_shelf: _OffShelf | None = None  # what left the shelf with a run
        self._is_run_shown = False  # rather than the list, where only one has room
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self.watcher = RunWatcher(self._pool, self)
        self.run_page = RunPage(self._pool, self)
        self.new_run = NewRunPage(shelf, self)
        self.claims = ClaimPage(shelf, self._pool, self)
        self._trial = TrialProcess(self)
        self.run_page.make_try_it = lambda record: make_try_it(record, self._trial)
        self._remover = RunRemover(self)
        self._adder = ModelAdder(shelf, self)
        self._build()
        self._connect()

    def focus_list(self) -> None:
        """Let the keys work on the list."""
        self._view.setFocus()

    def begin(self, path: Path) -> None:
        """Train the run of a folder, and show it."""
        self.watcher.start(str(path))
        self._show_run(str(path))

    def show_beside(self, widget: QWidget) -> None:
        """Show something else beside the list, until a run is chosen."""
        if self._pages.indexOf(widget) < 0:
            self._pages.addWidget(widget)
        self._view.setCurrentIndex(QModelIndex())
        self.watcher.choose("")
        self._pages.setCurrentWidget(widget)
        self._is_run_shown = True
        self._arrange()

    def say(self, text: str) -> None:
        """Tell the user something, for a while."""
        self._notice.show_notice(text, "")

    def may_close(self) -> bool:
        """Whether the window may go; if not, the question is on show that closes it."""
        return self.claims.may_close()

    def let_go(self) -> None:
        """End what is being read: the window closes. What is learned goes on."""
        self.watcher.close()
        self.new_run.shut_down()
        self.claims.shut_down()
        self.run_page.shut_down()
        self._trial.shut_down()
        self._pool.waitForDone()

    # ---- what it is made of ----

    def _build(self) -> None:
        self._panel = QFrame(self)
        self._panel.setObjectName("labRuns")
        new = QPushButton(self.tr("New run"), self._panel)
        new.setObjectName("newRun")
        new.setIcon(icons.icon("plus", "text"))
        new.clicked.connect(self.new_run_asked)
        claims = QPushButton(self.tr("What textbooks say"), self._panel)
        claims.setObjectName("labClaims")
        claims.setIcon(icons.icon("lab", "text"))
        claims.clicked.connect(self._show_claims)
        self._missing = QLabel(self._panel)
        self._missing.setWordWrap(True)
        theme.mark(self._missing, tone="muted", letters="small")
        if not edition.has_own_networks():
            new.setEnabled(False)
            claims.setEnabled(False)
            self._missing.setText(translated(edition.how_to_get_own_networks()))
        self._missing.setVisible(bool(self._missing.text()))
        self._model = RunListModel(self)
        self._view = RunListView(self._panel)
        self._view.setModel(self._model)
        self._nothing = QLabel(self.tr("Your runs appear here."), self._panel)
        self._nothing.setObjectName("nothingListed")
        self._nothing.setWordWrap(True)
        theme.mark(self._nothing, tone="muted")
        self._nothing.hide()
        column = QVBoxLayout(self._panel)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        for part in (new, claims, self._missing, self._nothing):
            column.addWidget(part)
        column.addWidget(self._view, 1)
        self._no_runs = NoRuns(self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(QWidget(self))  # until the disk was looked at
        self._pages.addWidget(self._no_runs)
        self._pages.addWidget(self.run_page)
        self._pages.addWidget(self.new_run)
        self._pages.addWidget(self.claims)
        self._notice = NoticeBar(self)
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 0, 16, 8)
        foot.addWidget(self._notice)
        self._beside = QWidget(self)
        beside = QVBoxLayout(self._beside)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        beside.addWidget(self._pages, 1)
        beside.addLayout(foot)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._panel)
        layout.addWidget(self._beside, 1)

    def _connect(self) -> None:
        self.watcher.changed.connect(self._show_runs)
        self.watcher.record_changed.connect(self._on_record)
        self.watcher.failed.connect(self.say)
        self.new_run_asked.connect(self._show_new_run)
        self.new_run.made.connect(self._begin_runs)
        self.new_run.recipe_file_requested.connect(self.ask_for_recipe)
        self.new_run.export_requested.connect(self.export_requested)
        self.new_run.back_requested.connect(self._back_to_runs)
        self._no_runs.new_run_asked.connect(self.new_run_asked)
        self._no_runs.claims_asked.connect(self._show_claims)
        self.claims.back_requested.connect(self._back_to_runs)
        self.claims.folder_requested.connect(self._open_folder)
        self._view.selectionModel().currentChanged.connect(self._on_current)
        self._view.entered_run.connect(self._enter)
        self._view.removal_requested.connect(self._remove)
        page, watcher = self.run_page, self.watcher
        page.start_requested.connect(lambda: watcher.start(watcher.chosen))
        page.pause_requested.connect(lambda: watcher.pause(watcher.chosen))
        page.stop_requested.connect(lambda: watcher.stop(watcher.chosen))
        page.keep_requested.connect(lambda: watcher.keep(watcher.chosen))
        page.like_requested.connect(self._show_new_run_like)
        page.measured.connect(watcher.refresh)
        page.removal_requested.connect(self._remove)
        page.folder_requested.connect(self._open_folder)
        page.chat_requested.connect(lambda folder: self._adder.add([folder]))
        page.back_requested.connect(self._leave_run)
        self._adder.found.connect(self._on_on_shelf)
        self._adder.not_found.connect(self.say)
        self._remover.removed.connect(self._on_removed)
        self._remover.failed.connect(self.say)
        self._notice.undo_requested.connect(self._undo)
        back = QShortcut(QKeySequence(Qt.Key.Key_Escape), self.run_page)
        back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        back.activated.connect(self._leave_run)

    # ---- what it shows ----

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.watcher.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.watcher.watch(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._arrange()

    def minimumSizeHint(self) -> QSize:
        return _LEAST_SIZE  # the list or the run then gives way

    def _arrange(self) -> None:
        """Show the list and a run side by side, or that one of them which is looked at."""
        is_narrow = self.width() < theme.px(_NARROW)
        width = min(theme.px(_LIST_WIDTH), _WIDEST)
        self._panel.setMinimumWidth(0 if is_narrow else width)
        self._panel.setMaximumWidth(self.width() if is_narrow else width)
        is_alone = is_narrow and (self._is_run_shown or not self.watcher.runs)
        self._panel.setVisible(not is_alone)
        self._beside.setVisible(is_alone or not is_narrow)
        self.run_page.set_back_visible(is_narrow)

    def _show_runs(self) -> None:
        """List the runs, the one that is looked at chosen; if it is gone, the one in its place."""
        chosen, row = self.watcher.chosen, self._view.currentIndex().row()
        self._model.set_runs(self.watcher.runs)
        has_runs = bool(self.watcher.runs)
        self._nothing.setVisible(not has_runs)
        if not has_runs:
            self.watcher.choose("")
            if not self._is_aside():
                self._pages.setCurrentWidget(self._no_runs)
            self._arrange()
            return
        wanted = self._model.row_of(chosen)
        if wanted < 0:
            wanted = min(max(row, 0), len(self.watcher.runs) - 1)
        if self._view.currentIndex().row() != wanted and not self._is_aside():
            self._view.setCurrentIndex(self._model.index(wanted))
        self._arrange()

    def _is_aside(self) -> bool:
        """Whether something else than a run is shown beside the list."""
        known = (self.run_page, self._no_runs, self._pages.widget(0))
        return self._pages.currentWidget() not in known

    def _on_current(self, current: QModelIndex) -> None:
        run: Summary | None = current.data(RUN_ROLE)
        if run is not None:
            self.watcher.choose(run.path)

    def _on_record(self, record: Record) -> None:
        self.run_page.show_record(record)
        self._pages.setCurrentWidget(self.run_page)

    def _enter(self) -> None:
        self._pages.setCurrentWidget(self.run_page)
        self._is_run_shown = True
        self._arrange()
        if self._panel.isHidden():
            self.run_page.focus_back()

    def _leave_run(self) -> None:
        self._is_run_shown = False
        self._arrange()
        self._view.setFocus()

    def _show_run(self, path: str) -> None:
        self.watcher.choose(path)
        self._enter()

    # ---- what the user wants ----

    def _show_new_run(self) -> None:
        self.show_beside(self.new_run)
        self.new_run.begin()

    def _show_new_run_like(self, recipe: Recipe) -> None:
        self.show_beside(self.new_run)
        try:
            self.new_run.begin_like(recipe)
        except TrainingError as error:
            self.say(translated(error.sentence))

    def _show_claims(self) -> None:
        self.show_beside(self.claims)
        self.claims.begin()

    def _back_to_runs(self) -> None:
        self._pages.setCurrentWidget(self.run_page if self.watcher.runs else self._no_runs)
        self._show_runs()
        self._leave_run()

    def _begin_runs(self, folders: list[str]) -> None:
        first, *others = folders
        for folder in others:
            self.watcher.start(folder)
        self.begin(Path(first))

    def ask_for_recipe(self) -> None:
        """Have the user choose a recipe, and begin its run."""
        dialog = QFileDialog(self, self.tr("Choose a recipe"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Recipes (*.toml)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(self._begin_recipe)
        dialog.open()

    def _begin_recipe(self, file: str) -> None:
        try:
            recipe = read_recipe(Path(file))
            name = recipe.name or Path(file).stem
            folder = RunFolder.create(free_name(paths.runs_dir(), name), recipe)
        except TrainingError as error:
            self.say(translated(error.sentence))
            return
        self.begin(folder.path)

    def _on_on_shelf(self, path: str) -> None:
        entry = self._shelf.entry(path)
        if entry is not None and entry.error is not None:
            self.say(translated(entry.error))
        else:
            self.chat_requested.emit(path)

    def _remove(self) -> None:
        run = self.watcher.run(self.watcher.chosen)
        if run is not None:
            self._remover.ask(run)

    def _on_removed(self, words: str) -> None:
        result = str(Path(self.watcher.chosen) / RESULT)
        entry, self._off_shelf = self._shelf.entry(result), None
        if entry is not None:
            self._off_shelf = _OffShelf(result, self._shelf.default() is entry)
            self._shelf.remove(result)
        self._notice.show_notice(words, self.tr("Undo"))
        self.watcher.refresh()

    def _undo(self) -> None:
        self._remover.undo()
        gone, self._off_shelf = self._off_shelf, None
        if gone is not None and Path(gone.path).exists():
            self._shelf.add([gone.path])
            if gone.was_default:
                self._shelf.set_default(gone.path)
        self.watcher.refresh()

    def _open_folder(self, folder: str) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(folder)):
            text = self.tr("The folder {} cannot be opened from here.")
            self.say(text.format(folder))
