"""From the command line to a window: puts the parts together, in the order that shows it soonest.

Before the first paint: settings, theme, history, the Chat place. A moment after it, when the list
of conversations stands there too: the engine, the search for models, the log, the door for a
second start.
"""

import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QSocketNotifier, QTimer, Signal
from PySide6.QtWidgets import QApplication

from chatapp import paths
from chatapp.gui import icons, language, theme
from chatapp.gui.branch_controller import BranchController
from chatapp.gui.chat_controller import ChatController
from chatapp.gui.context_controller import ContextController
from chatapp.gui.crash import CrashGuard
from chatapp.gui.data.data_controller import DataController
from chatapp.gui.engine_process import EngineProcess
from chatapp.gui.history import History
from chatapp.gui.incognito_controller import IncognitoController
from chatapp.gui.main_window import MainWindow
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.prompt_controller import PromptController
from chatapp.gui.recovery_controller import RecoveryController
from chatapp.gui.sentences import translated
from chatapp.gui.settings_controller import SettingsController
from chatapp.gui.single_instance import SingleInstance
from chatapp.settings import SettingsFile
from chatapp.storage.store import ConversationStore

# From the first paint to all that runs in threads. Laying out the list of conversations asks Python
# thousands of things, each of which would wait for a thread that computes.
_LIST_MS = 100


class Program(QObject):
    """Everything that lives as long as the window.

    Attributes:
        window: The window, not yet on show.

    Signals:
        painted: The window was on the screen for the first time.
    """

    painted = Signal()

    def __init__(self, settings: SettingsFile, guard: CrashGuard | None = None) -> None:
        super().__init__()
        self._settings = settings
        self._guard = guard
        store = ConversationStore(paths.history_file())
        self.history = History(store, self)
        self.history.list()  # the writer thread reads while the window is built
        self.engine = EngineProcess(parent=self)
        self.shelf = ModelShelf(settings, self)
        self.engine.ready.connect(self.shelf.note_backends)
        self.window = MainWindow(settings, self.shelf)
        self.controller = ChatController(
            self.window.chat_page, self.history, self.shelf, self.engine, settings, self
        )
        self.branches = BranchController(self.window.chat_page, self.history, self.controller, self)
        self.prompts = PromptController(self.window.chat_page, self.history, self.controller, self)
        self.recovery = RecoveryController(self.window.chat_page, self.controller, self)
        self.recovery.taken_back.connect(self.prompts.take_back)
        self.recovery.models_page_requested.connect(self.window.show_models)
        self.choices = SettingsController(self.window, self.shelf, settings, self)
        self.data = DataController(self.window, self.history, self.controller, self)
        self.choices.sections.append(self.data.section(settings))
        self.meter = ContextController(
            self.window.chat_page, self.controller, self.controller.session, self.engine, self
        )
        self.prompts.attachments.shown.connect(self.meter.set_attachments)
        self.incognito = IncognitoController(self.window, self.history, self.controller, self)
        sidebar = self.window.chat_page.sidebar
        sidebar.incognito_requested.connect(self.incognito.begin)
        sidebar.trash_requested.connect(self.data.show_trash)
        sidebar.import_requested.connect(self.data.import_conversations)
        sidebar.export_all_requested.connect(self.data.export)
        sidebar.view.export_requested.connect(self.data.export)
        self.controller.models_page_requested.connect(self.window.show_models)
        self.window.new_requested.connect(self.controller.new)
        self.window.stop_requested.connect(self.controller.stop)
        self.window.files_dropped.connect(self.prompts.attachments.attach)
        self.window.model_chosen.connect(self.controller.use_model)
        self.window.export_requested.connect(self.data.export_for_training)
        self.data.training_data_written.connect(self.window.learn_from)
        self._rest = QTimer(self, singleShot=True, interval=_LIST_MS)
        self._rest.timeout.connect(self._on_painted)
        self.window.closed.connect(self._rest.stop)
        self.window.closed.connect(self.prompts.close)  # before the history is let go of
        self.window.closed.connect(self.data.close)
        self.window.closed.connect(self.controller.close)
        self.shelf.failed.connect(self.window.chat_page.show_notice)
        self.data.failed.connect(self.window.chat_page.show_notice)

    def start(self) -> None:
        """Show the window, and go on with the rest once it is painted."""
        self.controller.start()
        self.prompts.start()
        self.window.show()
        self.window.chat_page.focus_prompt()
        _AtFirstPaint(self.window.chat_page, self._rest.start)

    def _on_painted(self) -> None:
        gc.freeze()  # what stays as long as the window need not be looked through for garbage
        self.painted.emit()
        self.controller.start_engine()
        self.data.start()
        if self._guard is not None:
            self._guard.start_log()
            if self._guard.crashed_before:
                self.window.chat_page.show_notice(
                    self.tr("chatapp crashed last time. Nothing is lost; its log says more.")
                )
        if self._settings.problem:
            self.window.chat_page.show_notice(translated(self._settings.problem))


class _AtFirstPaint(QObject):
    """Calls once, when a widget is painted for the first time."""

    def __init__(self, widget: QObject, call: Callable[[], None]) -> None:
        super().__init__(widget)
        self._call = call
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            self._call()
            self.deleteLater()
        return False


def run(argv: Sequence[str]) -> int:
    """Open the window and stay until it is closed.

    Args:
        argv: The command line, as Qt wants to see it.

    Returns:
        The exit code: 0, also when another window was raised instead; 1 when that did not answer.
    """
    app = QApplication(list(argv))
    app.setApplicationName(paths.APP_NAME)
    app.setDesktopFileName(paths.APP_NAME)
    instance = SingleInstance(paths.data_dir(), app)
    if not instance.is_first:
        return 0 if instance.raise_first() else _say_that_it_hangs()
    guard = CrashGuard(paths.log_dir(), app)
    guard.install()
    settings = SettingsFile(paths.settings_file())
    language.install(app, settings.current.language)
    theme.choose_colours(app, settings.current.theme, settings.current.font_percent)
    app.setWindowIcon(icons.app_icon())
    program = Program(settings, guard)
    theme.dress(app)
    _end_on_signals(app)
    instance.raise_requested.connect(program.window.bring_to_front)
    program.painted.connect(instance.listen)
    program.start()
    code = QApplication.exec()
    instance.release()
    guard.uninstall()
    return code


def _end_on_signals(app: QApplication) -> None:
    """Close the window in good order on Ctrl+C in the terminal and on a polite kill.

    Python sees a signal only once it runs again, and Qt waits in C: the pipe wakes it.
    """
    if sys.platform == "win32":  # there is no such signal, and no pipe Qt could wait for
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: QApplication.quit())
    notifier = QSocketNotifier(reader, QSocketNotifier.Type.Read, app)
    notifier.activated.connect(lambda: os.read(reader, 64))


def _say_that_it_hangs() -> int:
    from PySide6.QtWidgets import QMessageBox

    QMessageBox.critical(
        None,
        paths.APP_NAME,
        QApplication.translate(
            "run", "chatapp is open already, but does not answer. Close it first, then try again."
        ),
    )
    return 1
