"""Which model answers: a button with its name, and the list it opens."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QShowEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from chatapp.gui import icons, theme
from chatapp.gui.chat.popover import Popover
from chatapp.gui.chat.status_line import Phase
from chatapp.gui.models import wording

if TYPE_CHECKING:
    from chatapp.library.shelf import ModelEntry

_PATH_ROLE = Qt.ItemDataRole.UserRole
_DETAIL_ROLE = Qt.ItemDataRole.UserRole + 1
_TAG_ROLE = Qt.ItemDataRole.UserRole + 2  # text and tone of the tag
_HEIGHT = 48
_PLAIN_HEIGHT = 36
_WIDTH = 400
_SHOWN_ROWS = 8
_DOTS: dict[Phase, str] = {"no_model": "faint", "loading": "warn", "failed": "bad"}
_Index = QModelIndex | QPersistentModelIndex


class ModelDelegate(QStyledItemDelegate):
    """Paints a model: its name, under it size or trouble, at the right whether it fits."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, theme.px(_HEIGHT if index.data(_DETAIL_ROLE) else _PLAIN_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("bubble"))
            painter.drawRoundedRect(option.rect, 8, 8)
        box = option.rect.adjusted(12, 6, -12, -6)
        detail = index.data(_DETAIL_ROLE)
        if detail:
            box.setRight(self._paint_tag(painter, box, index.data(_TAG_ROLE)))
            self._paint_line(painter, box, Qt.AlignmentFlag.AlignBottom, detail, "muted", 12)
        usable = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        name_place = Qt.AlignmentFlag.AlignTop if detail else Qt.AlignmentFlag.AlignVCenter
        name_colour = "text" if usable else "muted"
        self._paint_line(painter, box, name_place, index.data(), name_colour, 13)
        painter.restore()

    def _paint_line(
        self,
        painter: QPainter,
        box: QRect,
        place: Qt.AlignmentFlag,
        text: str,
        colour_name: str,
        pixels: int,
    ) -> None:
        painter.setFont(theme.font(pixels))
        painter.setPen(theme.colour(colour_name))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, place, shown)

    def _paint_tag(self, painter: QPainter, box: QRect, tag: tuple[str, str] | None) -> int:
        """Paint the tag at the right end and return where the rest has to end."""
        text, tone = tag or ("", "")
        if not text:
            return box.right()
        painter.setFont(theme.font(theme.SMALL_PX))
        width = painter.fontMetrics().horizontalAdvance(text) + 14
        height = theme.px(19)
        place = QRect(box.right() - width, box.center().y() - height // 2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(f"{tone}-soft"))
        painter.drawRoundedRect(place, 6, 6)
        painter.setPen(theme.colour(tone))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        return place.left() - 12


class ModelList(Popover):
    """The list of models; the last line leads to the Models page."""

    chosen = Signal(str)
    models_page_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._n_rows = 0
        self._model = QStandardItemModel(self)
        self._view = QListView(self)
        self._view.setModel(self._model)
        self._view.setItemDelegate(ModelDelegate(self))
        self._view.setMouseTracking(True)
        self._view.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.setAccessibleName(self.tr("Models on this computer"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self._view)
        self._view.clicked.connect(self._choose)
        self._view.entered.connect(self._view.setCurrentIndex)

    def set_models(self, entries: Sequence["ModelEntry"], current_path: str) -> None:
        """List these models, `current_path` being the one in use."""
        self._model.clear()
        for entry in entries:
            self._model.appendRow(self._item(entry))
        more = QStandardItem(self.tr("Models…"))
        self._model.appendRow(more)
        paths = [entry.path for entry in entries]
        row = paths.index(current_path) if current_path in paths else 0
        self._view.setCurrentIndex(self._model.index(row, 0))
        self._n_rows = min(len(entries), _SHOWN_ROWS)

    def open_beside(self, anchor: QWidget) -> None:
        self.setFixedWidth(theme.px(_WIDTH))
        self._view.setFixedHeight(theme.px(self._n_rows * _HEIGHT + _PLAIN_HEIGHT))
        super().open_beside(anchor)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._view.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self._view.currentIndex())
        else:
            super().keyPressEvent(event)

    def _item(self, entry: "ModelEntry") -> QStandardItem:
        item = QStandardItem(entry.name)
        item.setData(entry.path, _PATH_ROLE)
        item.setToolTip(wording.problem(entry) or entry.path)
        item.setEnabled(not entry.error)
        item.setData(wording.problem(entry) or wording.size(entry.size_bytes), _DETAIL_ROLE)
        if not entry.error:
            item.setData(wording.fit(entry), _TAG_ROLE)
        item.setAccessibleText(wording.spoken(entry, is_default=False))
        return item

    def _choose(self, index: QModelIndex) -> None:
        if not index.flags() & Qt.ItemFlag.ItemIsEnabled:
            return
        self.hide()
        path = index.data(_PATH_ROLE)
        if path is None:
            self.models_page_requested.emit()
        else:
            self.chosen.emit(path)


class ModelPicker(QPushButton):
    """The button with the name of the model in use."""

    model_requested = Signal(str)
    models_page_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modelPicker")
        self._list = ModelList(self)
        self._list.chosen.connect(self.model_requested)
        self._list.models_page_requested.connect(self.models_page_requested)
        self.clicked.connect(lambda: self._list.open_beside(self))
        self.current_name = ""
        self._is_known = False  # which models there are
        self._list.set_models((), "")
        self._show_name(self.tr("Looking for models…"))
        self.set_phase("idle")

    def set_models(self, entries: Sequence["ModelEntry"], current_path: str) -> None:
        """List these models, `current_path` being the one in use.

        Until the first call nothing is said of any: they are still looked for.
        """
        self._list.set_models(entries, current_path)
        names = [entry.name for entry in entries if entry.path == current_path]
        self.current_name = names[0] if names else ""
        self._show_name(self.current_name or self.tr("No model"))
        self._is_known = True
        self.set_phase(self._phase)

    def set_phase(self, phase: Phase) -> None:
        """Colour the dot: ready, at work on loading, failed."""
        self._phase = phase
        colour_name = _DOTS.get(phase, "accent") if self._is_known else _DOTS["no_model"]
        self.setIcon(icons.icon("dot", colour_name))

    def _show_name(self, shown: str) -> None:
        self.setText(f"{shown}  ▾")
        self.setAccessibleName(self.tr("Model: {}").format(shown))
