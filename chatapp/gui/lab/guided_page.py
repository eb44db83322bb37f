"""A page that leads from cards to choose from to what can be done with the chosen one."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFont, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from chatapp.gui import icons, theme
from chatapp.gui.page_area import PageArea

_WIDTH = 780
_NARROW = 700


class GuidedPage(QWidget):
    """Shows a title with the way back, and below it the cards or the form of one of them.

    What shows them is told so by `_lay_out`; files can be dropped on the form.

    Attributes:
        back: Leads to the cards, and from them away.

    Signals:
        back_requested: The user has seen enough.
    """

    back_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.back = QToolButton(self)
        self.back.setIcon(icons.icon("chevron-left"))
        self.back.setAccessibleName(self.tr("Back"))
        self.back.setToolTip(self.tr("Back"))
        theme.mark(self.back, kind="icon")
        self.back.clicked.connect(self._go_back)
        self._title = QLabel(self)
        self._title.setObjectName("pageTitle")
        self._title.setWordWrap(True)
        theme.set_font(self._title, 20, QFont.Weight.DemiBold)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        theme.mark(self._words, tone="muted")
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self._go_back)

    def begin(self) -> None:
        """Show the cards to choose from."""
        raise NotImplementedError

    def _takes_files(self) -> bool:
        """Whether files can be dropped now."""
        raise NotImplementedError

    def _take_files(self, paths: Sequence[str]) -> None:
        """Files were dropped."""
        raise NotImplementedError

    def _lay_out(self, cards: QWidget, form: QWidget) -> None:
        self._cards, self._form = cards, form
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(self._title)
        words.addWidget(self._words)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.back, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        self._middle = QWidget(self)
        inside = QVBoxLayout(self._middle)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        inside.addLayout(head)
        inside.addSpacing(8)
        inside.addWidget(cards)
        inside.addWidget(form)
        inside.addStretch(1)
        page = QWidget(self)
        self._margins = QHBoxLayout(page)
        self._margins.addWidget(self._middle)
        self._area = PageArea(page, self)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(self._area)

    def _show(self, part: QWidget, title: str, words: str) -> None:
        """Show the cards, or the form, from their top."""
        self._title.setText(title)
        self._words.setText(words)
        (self._form if part is self._cards else self._cards).hide()
        part.show()
        self._area.verticalScrollBar().setValue(0)

    def _go_back(self) -> None:
        if self._form.isHidden():
            self.back_requested.emit()
        else:
            self.begin()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._takes_files() and _files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self._take_files(_files(event))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._arrange()

    def _arrange(self) -> None:
        is_narrow = self.width() < _NARROW
        margin = 16 if is_narrow else 32
        self._margins.setContentsMargins(margin, 16 if is_narrow else 26, margin, 16)
        self._middle.setMaximumWidth(theme.px(_WIDTH))


def _files(event: QDropEvent) -> list[str]:
    """The files among what is dragged."""
    urls = event.mimeData().urls()
    return [url.toLocalFile() for url in urls if url.isLocalFile()]
