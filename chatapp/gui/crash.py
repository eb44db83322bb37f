"""What happens when the program itself is wrong: a log, a report to copy, and no lost window.

An exception nobody expected becomes a dialog and the program goes on. A crash of the process
leaves the stacks in a file that is found at the next start. Neither the log nor a report holds
the text of a message: of an exception they show where it was raised and its type, and its text
only where that speaks of the program.
"""

import contextlib
import faulthandler
import logging
import os
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QThread,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

import chatapp
from chatapp.gui import theme

_LOG_BYTES = 512 * 1024
_STACKS = "crash.log"
_OLD_STACKS = "crash-before.log"

# The texts of these name things of the program; that of a ValueError may quote what was typed.
_SAFE_TEXTS = (AttributeError, ImportError, MemoryError, NameError, TypeError, ZeroDivisionError)

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}

logger = logging.getLogger(__name__)


class CrashGuard(QObject):
    """Catches what nobody expected, for as long as it is installed.

    Attributes:
        crashed_before: Whether the last run ended in a crash of the process.

    Signals:
        failed: An exception reached the top; carries the report.
    """

    failed = Signal(str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._dialog: CrashDialog | None = None
        self._handler: logging.Handler | None = None
        self.crashed_before = _set_aside(folder)
        self._stacks: TextIO | None = None
        # Exceptions of other threads come here too; the dialog belongs to the thread of the window.
        self.failed.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take over the hooks of Python; costs nothing at start."""
        sys.excepthook = self._on_exception
        threading.excepthook = lambda args: self._on_exception(
            args.exc_type, args.exc_value, args.exc_traceback
        )
        with contextlib.suppress(OSError):  # a log folder that cannot be written stops nobody
            self._stacks = (self._folder / _STACKS).open("w", encoding="utf-8")
            faulthandler.enable(self._stacks)

    def start_log(self) -> None:
        """Write warnings, ours and those of Qt, to a file from now on."""
        try:
            self._handler = _LogHandler(self._folder / "chatapp.log")
        except OSError as error:
            logger.warning("There is no log: %s", error.strerror)
            return
        logging.getLogger().addHandler(self._handler)
        qInstallMessageHandler(_on_qt_message)

    def uninstall(self) -> None:
        """Give the hooks back and close the files."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        if self._handler is not None:
            qInstallMessageHandler(None)
            logging.getLogger().removeHandler(self._handler)
            self._handler.close()
        if self._stacks is not None:
            faulthandler.disable()
            self._stacks.close()

    def _on_exception(
        self,
        kind: type[BaseException],
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        text = describe(kind, error, trace)
        logger.error("Unexpected: %s", text)
        if QThread.currentThread() is self.thread() and self.thread().loopLevel() == 0:
            CrashDialog(report(text)).exec()  # the program is ending; this is its last word
        else:
            self.failed.emit(text)

    def _show(self, text: str) -> None:
        if self._dialog is not None:  # one that is open says enough; a loop of errors opens no more
            return
        self._dialog = CrashDialog(report(text), QApplication.activeWindow())
        self._dialog.finished.connect(self._on_dialog_finished)
        self._dialog.open()

    def _on_dialog_finished(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
        self._dialog = None


class CrashDialog(QDialog):
    """Says that something is wrong with the program and offers the report."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Something went wrong"))
        title = QLabel(self.tr("Something went wrong inside chatapp."))
        theme.mark(title, letters="title")
        text = QLabel(
            self.tr(
                "This is a mistake of the program, not yours. Your conversations are saved, and "
                "you can go on. The report below says what happened; it holds nothing of what "
                "you or a model wrote."
            )
        )
        text.setWordWrap(True)
        self.report = QPlainTextEdit(report)
        self.report.setReadOnly(True)
        self.report.setFont(theme.code_font(theme.SMALL_PX))
        self.report.setAccessibleName(self.tr("Report"))
        self.copy_button = QPushButton(self.tr("Copy report"))
        self.copy_button.clicked.connect(self._copy)
        close = QPushButton(self.tr("Go on"))
        theme.mark(close, kind="primary")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy_button)
        buttons.addStretch()
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        for widget in (title, text, self.report):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        self.resize(620, 440)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.report.toPlainText())
        self.copy_button.setText(self.tr("Copied"))


class _LogHandler(logging.FileHandler):
    """A file that is turned over once it is large.

    `logging.handlers` has one too, but brings sockets and pickle along: 3 MB of memory.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8")
        self.setFormatter(_Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        if self.stream is not None and self.stream.tell() > _LOG_BYTES:
            self.close()  # opens again by itself, as a new file
            with contextlib.suppress(OSError):
                os.replace(self.baseFilename, f"{self.baseFilename}.1")
        super().emit(record)


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # what another handler made of the exception is not for us
        return super().format(record)

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        kind, error, trace = ei
        return "" if kind is None else describe(kind, error, trace)


def describe(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> str:
    """Where an exception was raised and its type; its text only where it cannot quote the user."""
    frames = [
        f"  {Path(frame.filename).parent.name}/{Path(frame.filename).name}:{frame.lineno}"
        f" in {frame.name}"
        for frame in traceback.extract_tb(trace)
    ]
    text = f": {error}" if isinstance(error, _SAFE_TEXTS) else ""
    if isinstance(error, OSError) and error.strerror:
        text = f": {error.strerror}"
    return "\n".join([*frames, f"{kind.__name__}{text}"])


def report(text: str) -> str:
    """What to send to the makers: versions, platform, and what `describe` says."""
    import platform

    import PySide6

    versions = (
        f"chatapp {chatapp.__version__}, Python {platform.python_version()}, "
        f"Qt {PySide6.__version__} ({QApplication.platformName()}), {platform.platform()}"
    )
    return f"{versions}\n\n{text}\n"


def _set_aside(folder: Path) -> bool:
    """Keep the stacks of a crash that ended the last run; whether there were any."""
    stacks = folder / _STACKS
    try:
        if stacks.stat().st_size == 0:
            return False
        os.replace(stacks, folder / _OLD_STACKS)
    except OSError:
        return False
    return True


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger("qt").log(_LEVELS[kind], "%s (%s)", message, context.category)
