"""What holds a page that may be higher than the window."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from chatapp.gui import theme


class PageArea(QScrollArea):
    """Scrolls a page up and down; its own frame is not seen, and the keys pass it by."""

    def __init__(self, page: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for one in (self, page):
            theme.mark(one, surface="bg")
        self.setWidget(page)
