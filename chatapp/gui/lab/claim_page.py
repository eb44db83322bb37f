"""The page of what textbooks say: a claim among the cards, then its measurement and what came out.

What is measured goes on while something else is looked at.
"""

from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec

from PySide6.QtCore import Qt, QThreadPool, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from chatapp.gui import theme
from chatapp.gui.chat.announcement import announce
from chatapp.gui.data.sheet import ask
from chatapp.gui.lab import wording
from chatapp.gui.lab.claim_form import ClaimForm
from chatapp.gui.lab.claim_result import ClaimResult
from chatapp.gui.lab.claim_results import ClaimResults, Result
from chatapp.gui.lab.claim_words import ClaimCard, claim_cards
from chatapp.gui.lab.guided_page import GuidedPage
from chatapp.gui.lab.new_run_cards import RecipeButton
from chatapp.gui.lab.plot_loader import PlotLoader
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.sentences import translated
from chatapp.runs.comparison import ON_DATA, Claim, n_networks, picture

_SECOND_MS = 1_000


class ClaimPage(GuidedPage):
    """Has claims measured, and shows what came out, now and earlier.

    Args:
        shelf: The models on this computer.
        pool: Where the disk is read.

    Signals:
        folder_requested: Open that folder.
    """

    folder_requested = Signal(str)

    def __init__(self, shelf: ModelShelf, pool: QThreadPool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._card: ClaimCard | None = None
        self._loader: PlotLoader | None = None
        self._question: QMessageBox | None = None
        self._undrawn: list[Result] = []  # whose pictures are still to be made
        self.results = ClaimResults(pool, self)
        self.form = ClaimForm(shelf, self)
        self._result = ClaimResult(self)
        self._tick = QTimer(self, interval=_SECOND_MS)
        self._tick.timeout.connect(self._show_state)
        self._lay_out(self._build_cards(), self._build_claim())
        self.form.changed.connect(self._show_state)
        self.results.changed.connect(self._show_results)
        self.results.begun.connect(self._tick.start)
        self.results.ended.connect(self._on_ended)
        self._result.folder_requested.connect(self.folder_requested)

    def begin(self) -> None:
        if self._loader is None and find_spec("pyqtgraph") is not None:
            self._loader = PlotLoader(self._pool, self)
            self._loader.loaded.connect(self._on_loaded)
        self.results.refresh()
        before, self._card = self._card, None
        self.form.data.stop()
        self._show(
            self._cards,
            self.tr("What textbooks say"),
            self.tr("Five things that are said of networks. See on this computer if they hold."),
        )
        at = 0 if before is None else [one.name for one, _ in self._buttons].index(before.name)
        self._buttons[at][1].setFocus()

    def may_close(self) -> bool:
        """Whether the window may go; if not, the question is on show that closes it."""
        measured = self.results.measured
        if measured is None or self._question is not None:
            return True
        (title,) = (one.card.title for one, _ in self._buttons if one.name == measured.name)
        words = self.tr(
            "“{claim}” is being measured, for {time} so far. That ends with the window, and nothing"
            " of it is kept."
        )
        self._question = ask(
            self.window(),
            self.tr("Close chatapp?"),
            words.format(claim=title, time=wording.time_span(self.results.seconds)),
            self.tr("Close"),
            self._close_all_the_same,
        )
        self._question.finished.connect(self._forget_the_question)
        return False

    def shut_down(self) -> None:
        """The window closes: what is being measured ends."""
        self.form.data.shut_down()
        self.results.shut_down()

    # ---- what it is made of ----

    def _build_cards(self) -> QWidget:
        cards = QWidget(self)
        layout = QVBoxLayout(cards)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        self._buttons = [(one, RecipeButton(one.card, cards)) for one in claim_cards()]
        for one, button in self._buttons:
            button.clicked.connect(lambda _=False, one=one: self._choose(one))
            layout.addWidget(button)
        return cards

    def _build_claim(self) -> QWidget:
        form = QWidget(self)
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(self.form)
        column.addWidget(self._build_start())
        column.addWidget(self._result)
        return form

    def _build_start(self) -> QFrame:
        card = QFrame(self)
        card.setObjectName("claimStart")
        theme.mark(card, surface="card")
        self._state = QLabel(card)
        self._state.setObjectName("claimState")
        self._state.setTextFormat(Qt.TextFormat.PlainText)
        self._state.setWordWrap(True)
        self._state.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._bar = QProgressBar(card)
        self._bar.setMaximum(0)  # it moves to and fro
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Being measured"))
        self._start = QPushButton(card)
        self._start.setObjectName("startClaim")
        theme.mark(self._start, kind="primary")
        self._start.clicked.connect(self._measure)
        self._cancel = QPushButton(self.tr("Cancel"), card)
        self._cancel.clicked.connect(self.results.cancel)
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(self._state)
        words.addWidget(self._bar)
        row = QHBoxLayout(card)
        row.setContentsMargins(16, 12, 16, 14)
        row.setSpacing(12)
        row.addLayout(words, 1)
        for button in (self._start, self._cancel):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        return card

    # ---- what it shows ----

    def _choose(self, one: ClaimCard) -> None:
        self._card = one
        self._show(self._form, one.card.title, one.card.words)
        self.form.begin(one.name, one.wants)
        self._show_results()
        self._show_state()
        if one.name in ON_DATA:
            self.form.data.focus_first()
        elif self._start.isEnabled() and self._start.isVisible():
            self._start.setFocus()
        else:
            self.back.setFocus()

    def _show_results(self) -> None:
        if self._card is not None:
            self._result.show_results(self.results.of(self._card.name))
            self._show_state()

    def _show_state(self) -> None:
        """What can be done now, and what is being done."""
        if self._card is None:
            return
        measured, name = self.results.measured, self._card.name
        is_at_work = measured is not None and measured.name == name
        reason = self.results.reasons.get(name)
        has_result = bool(self.results.of(name))
        self._start.setText(self.tr("Measure again") if has_result else self.tr("Measure"))
        self._start.setVisible(not is_at_work)
        self._start.setEnabled(measured is None and self.form.claim is not None)
        self._cancel.setVisible(is_at_work)
        self._bar.setVisible(is_at_work)
        theme.mark(self._state, tone="bad" if reason is not None and not is_at_work else "")
        if is_at_work:
            text = self.tr(
                "Being measured, for {} so far. Go on with other things meanwhile, but leave the"
                " window open."
            )
            done = self.results.done
            text = text.format(wording.time_span(self.results.seconds))
            self._state.setText(f"{translated(done)} {text}" if done is not None else text)
        elif reason is not None:
            self._state.setText(translated(reason))
        elif measured is not None:
            self._state.setText(self.tr("Another one is being measured."))
        else:
            self._state.setText(self._takes(self._card))

    def _takes(self, card: ClaimCard) -> str:
        claim = self.form.claim
        if claim is None:
            return self.tr("Choose your data first.")
        if not card.wants:
            return f"{card.card.wants}."
        text = self.tr("Takes {} at most, and a little to get ready and to measure.")
        return text.format(wording.time_span(60 * claim.minutes * n_networks(claim)))

    # ---- what is measured ----

    def _measure(self) -> None:
        claim = self.form.claim
        if claim is not None:
            self.results.measure(claim)
            self._show_state()
            self._cancel.setFocus()

    def _on_ended(self, claim: Claim, result: Result | None) -> None:
        self._tick.stop()
        if result is not None:
            self._undrawn.append(result)
            self._draw_pictures()
        is_shown = self._card is not None and self._card.name == claim.name
        had_focus = self._cancel.hasFocus()
        self._show_results()
        self._show_state()
        if is_shown and had_focus:
            self._result.focus() if result is not None else self._start.setFocus()
        announce(self, self._state.text if result is None else self._said)

    def _close_all_the_same(self) -> None:
        self.results.cancel()
        self.window().close()

    def _forget_the_question(self) -> None:
        self._question = None

    def _said(self) -> str:
        return self.tr("It is measured.")

    def _on_loaded(self) -> None:
        self._result.draw()
        self._draw_pictures()

    def _draw_pictures(self) -> None:
        """The pictures of the reports, once they can be drawn."""
        if not self._result.can_draw:
            return
        from chatapp.gui.lab.claim_picture import save_plot  # loaded by now

        while self._undrawn:
            result = self._undrawn.pop()
            for number, plot in enumerate(result.finding.plots, 1):
                with suppress(OSError):  # the report says it in numbers too
                    save_plot(plot, result.folder / picture(number))

    # ---- Qt ----

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._takes_files():
            self.form.data.look_again()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.form.data.stop()

    def _takes_files(self) -> bool:
        return self._card is not None and self._card.name in ON_DATA

    def _take_files(self, paths: Sequence[str]) -> None:
        self.form.data.take(paths)
