"""One selection over the texts of a message, from the place it began to the place it reached."""

from collections.abc import Callable, Sequence

from PySide6.QtGui import QTextCursor

from chatapp.gui.chat.text_view import TextView

Place = tuple[TextView, int]


class Selection:
    """What is selected in the texts that `views` gives, from the first to the last on screen."""

    def __init__(self, views: Callable[[], Sequence[TextView]]) -> None:
        self._views = views
        self._anchor: Place | None = None

    @property
    def is_begun(self) -> bool:
        """Whether there is a place from which it can be extended."""
        return self._anchor is not None

    def begin(self, place: Place) -> None:
        """Drop what was selected; a new selection starts here."""
        self.clear()
        self._anchor = place

    def extend(self, place: Place) -> None:
        """Select from where the selection began to here."""
        views = list(self._views())
        if self._anchor is None or self._anchor[0] not in views:
            self._anchor = place
        start, end = sorted((self._anchor, place), key=lambda spot: (views.index(spot[0]), spot[1]))
        first, last = views.index(start[0]), views.index(end[0])
        for index, view in enumerate(views):
            if first <= index <= last:
                begin = start[1] if index == first else 0
                view.select(begin, end[1] if index == last else view.length())
            else:
                view.select(0, 0)

    def select_unit(self, place: Place, unit: QTextCursor.SelectionType) -> None:
        """Select the word, line or paragraph there."""
        view, position = place
        start, end = view.unit_at(position, unit)
        self.begin((view, start))
        self.extend((view, end))

    def select_all(self) -> None:
        """Select everything."""
        views = self._views()
        if views:
            self.begin((views[0], 0))
            self.extend((views[-1], views[-1].length()))

    def clear(self) -> None:
        """Select nothing."""
        self._anchor = None
        for view in self._views():
            view.select(0, 0)

    def text(self) -> str:
        """What is selected, as plain text."""
        return "\n\n".join(filter(None, (view.selected_text() for view in self._views())))
