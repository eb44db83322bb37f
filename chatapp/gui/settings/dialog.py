"""The Settings dialog: the sections at the left, the one that is looked at beside them."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from chatapp.gui import theme
from chatapp.gui.chat.notice_bar import NoticeBar
from chatapp.gui.settings.section import Section, SectionPage

_WIDTH, _HEIGHT = 760, 560
_LIST_WIDTH = 168


class SettingsDialog(QDialog):
    """Shows sections; each of them does by itself what the user wants."""

    def __init__(self, sections: Sequence[Section], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self._sections = sections
        self._pages: dict[int, QScrollArea] = {}
        self._list = QListWidget(self)
        self._list.setObjectName("settingsList")
        self._list.setAccessibleName(self.tr("Sections of the settings"))
        self._list.addItems([section.title for section in sections])
        self._stack = QStackedWidget(self)
        self._notice = NoticeBar(self)
        self._undo: Callable[[], object] = self._notice.hide
        self._lay_out()
        self._fit()
        self._notice.undo_requested.connect(lambda: self._undo())
        self._list.currentRowChanged.connect(self._look_at)
        self._list.setCurrentRow(0)
        theme.notifier.resized.connect(self._fit)

    def show_section(self, title: str = "") -> None:
        """Open the dialog, at a section if one is named."""
        titles = [section.title for section in self._sections]
        if title in titles:
            self._list.setCurrentRow(titles.index(title))
        self.show()
        self.raise_()
        self.activateWindow()
        self._list.setFocus()

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self._stack, 1)
        right.addWidget(self._notice)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._list)
        layout.addLayout(right, 1)

    def _fit(self) -> None:
        """A size in which the letters have room, but never more than the screen has."""
        self._list.setFixedWidth(min(theme.px(_LIST_WIDTH), 2 * _LIST_WIDTH))
        room = self.screen().availableGeometry().size()
        wanted = theme.px(_WIDTH), theme.px(_HEIGHT)
        self.resize(min(wanted[0], room.width()), min(wanted[1], room.height()))

    def say(
        self, text: str, undo_label: str = "", undo: Callable[[], object] | None = None
    ) -> None:
        """Tell the user something, with a button that takes it back if there is one."""
        self._undo = undo or self._notice.hide
        self._notice.show_notice(text, undo_label)

    def _look_at(self, index: int) -> None:
        if index not in self._pages:
            self._pages[index] = self._build(index)
        self._stack.setCurrentWidget(self._pages[index])

    def _build(self, index: int) -> QScrollArea:
        page = self._sections[index].build()
        if isinstance(page, SectionPage):
            page.said.connect(self.say)
        area = QScrollArea(self._stack)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme.mark(area, surface="bg")
        theme.mark(page, surface="bg")
        self._stack.addWidget(area)
        return area
