"""Finding words in a conversation: the bar, the hits, and the way to each of them.

The texts of the messages are searched, not the widgets, of which most do not exist.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from chatapp.gui.chat.find_bar import FindBar
from chatapp.gui.chat.finder import Finder, Hit
from chatapp.gui.chat.message_view import MessageView

if TYPE_CHECKING:
    from chatapp.gui.chat.transcript import Transcript


class Finding(QObject):
    """Leads from hit to hit in a transcript."""

    def __init__(self, transcript: "Transcript") -> None:
        super().__init__(transcript)
        self._transcript = transcript
        self._bar = FindBar(transcript)
        self._finder = Finder("", ())
        self._number = 0
        self._bar.words_changed.connect(self._search)
        self._bar.step_requested.connect(self.step)
        self._bar.closed.connect(self._on_closed)
        transcript.messages_changed.connect(self._count_again)

    @property
    def is_open(self) -> bool:
        """Whether the bar is on show."""
        return not self._bar.isHidden()

    def open(self) -> None:
        """Show the bar, and the hits of the words that are in it."""
        was_open = self.is_open
        self._bar.open_bar()
        self.place()
        if not was_open:
            self._search()

    def place(self) -> None:
        """Put the bar where it belongs."""
        self._bar.place(self._transcript.viewport().width())

    def step(self, step: int) -> None:
        """Go on to another hit, around the end if need be."""
        if len(self._finder):
            self._go((self._number + step) % len(self._finder))

    def refresh(self) -> None:
        """Mark the hits in what a message has come to show since."""
        if self.is_open:
            self._mark_all()

    def mark(self, view: MessageView) -> None:
        """Mark the hits in a message that has come on the screen."""
        is_here = len(self._finder) and self._transcript.number_of(view) == self._current().text
        view.mark_words(self._bar.words(), self._current().nth if is_here else None)

    def _search(self) -> None:
        self._finder = Finder(self._bar.words(), self._texts())
        if len(self._finder):
            self._go(self._finder.first_from(self._transcript.first_in_sight()))
        else:
            self._show()

    def _count_again(self) -> None:
        """What is said has changed; the hit on show stays the same, if it is still there."""
        if self.is_open:
            self._finder = Finder(self._bar.words(), self._texts())
            self._number = min(self._number, max(0, len(self._finder) - 1))
            self._show()

    def _texts(self) -> Iterator[str]:
        return (message.content for message in self._transcript.messages)

    def _go(self, number: int) -> None:
        self._number = number
        self._show()
        hit = self._current()
        self._transcript.show_hit(hit.text, hit.nth)

    def _show(self) -> None:
        count = len(self._finder)
        self._bar.show_count(self._number + 1 if count else 0, count)
        self._mark_all()

    def _mark_all(self) -> None:
        for view in self._transcript.views():
            self.mark(view)

    def _current(self) -> Hit:
        return self._finder[self._number]

    def _on_closed(self) -> None:
        self._finder = Finder("", ())
        self._show()
        self._transcript.setFocus()
