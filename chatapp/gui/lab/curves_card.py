"""The card with the curves of a run, one kind at a time, and their newest figures as words."""

from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, QThreadPool
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QLabel,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from chatapp import edition
from chatapp.gui import theme
from chatapp.gui.lab import wording
from chatapp.gui.lab.plot_loader import PlotLoader
from chatapp.gui.lab.run_reader import HELD_OUT, Curve, Record
from chatapp.gui.models.wrap_row import WrapRow
from chatapp.gui.sentences import translated

if TYPE_CHECKING:
    from chatapp.gui.lab.curve_plot import CurvePlot

_NOTHING = Curve((), ())


class _Kind(NamedTuple):
    """What can be looked at: the button's words, the axis, and the curves with what each is."""

    words: str
    axis: str
    curves: tuple[tuple[str, str], ...]


class CurvesCard(QFrame):
    """Shows what was measured, live.

    Args:
        pool: Where the plotting library is loaded, beside the window.
    """

    def __init__(self, pool: QThreadPool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.mark(self, surface="card")
        self._record: Record | None = None
        self._plot: CurvePlot | None = None
        self._step = -1  # that is pointed at
        self._kinds = (
            _Kind(
                self.tr("Loss"),
                self.tr("Loss"),
                ((HELD_OUT, self.tr("held out")), ("loss", self.tr("training"))),
            ),
            _Kind(
                self.tr("Rate"),
                self.tr("Learning rate"),
                (("learning_rate", self.tr("learning rate")),),
            ),
            _Kind(
                self.tr("Gradient"),
                self.tr("Length of the gradient"),
                (("grad_norm", self.tr("gradient")),),
            ),
            _Kind(
                self.tr("Speed"),
                self.tr("Tokens/s"),
                (("tokens_per_second", self.tr("tokens/s")),),
            ),
        )
        self._build()
        if find_spec("pyqtgraph") is None:  # the lite edition: its Lab shows runs of the full one
            self._message.setText(translated(edition.how_to_get_own_networks()))
        else:
            PlotLoader(pool, self).loaded.connect(self._on_loaded)

    def show_record(self, record: Record) -> None:
        """Draw what was measured of this run."""
        is_other = self._record is None or self._record.summary.path != record.summary.path
        if is_other:
            self._step = -1
        elif self._record is not None and self._record.curves is record.curves:
            return
        self._record = record
        self._draw()

    def _build(self) -> None:
        self._words = QLabel(self)
        self._words.setObjectName("curveFigures")
        self._words.setTextFormat(Qt.TextFormat.RichText)
        self._words.setWordWrap(True)
        self._choice = QButtonGroup(self)
        kinds = QWidget(self)
        kinds.setObjectName("curveKinds")
        buttons = WrapRow(2)
        kinds.setLayout(buttons)
        for number, kind in enumerate(self._kinds):
            button = QPushButton(kind.words, self)
            button.setCheckable(True)
            theme.mark(button, kind="quiet", letters="small")
            self._choice.addButton(button, number)
            buttons.addWidget(button)
        self._choice.button(0).setChecked(True)
        self._choice.idToggled.connect(lambda _, is_on: self._draw() if is_on else None)
        self._message = QLabel(self.tr("The curves begin with the first steps."), self)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setWordWrap(True)
        theme.mark(self._message, tone="muted")
        self._place = QStackedLayout()
        self._place.addWidget(self._message)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(6)
        layout.addWidget(kinds)
        layout.addWidget(self._words)
        layout.addLayout(self._place, 1)
        theme.notifier.changed.connect(self._show_words)

    def _on_loaded(self) -> None:
        from chatapp.gui.lab.curve_plot import CurvePlot  # loaded by now

        self._plot = CurvePlot(self)
        self._plot.setAccessibleName(self.tr("Curves of the run"))
        self._plot.marked.connect(self._on_marked)
        self._place.addWidget(self._plot)
        self._draw()

    def _draw(self) -> None:
        kind = self._kind()
        curves = [self._curve(name) for name, _ in kind.curves]
        has_points = any(curve.steps for curve in curves)
        if self._plot is not None:
            self._plot.set_curves(curves, kind.axis)
            self._place.setCurrentWidget(self._plot if has_points else self._message)
        self._show_words()

    def _on_marked(self, step: int) -> None:
        self._step = step
        self._show_words()

    def _show_words(self) -> None:
        """The figures nearest to the step that is pointed at, else to the newest."""
        step = self._step if self._step >= 0 else self._last_step()
        parts, plain = [], []
        for number, (name, words) in enumerate(self._kind().curves):
            curve = self._curve(name)
            if not curve.steps:
                continue
            at = curve.index_near(step)
            text = f"{words} {wording.figure(curve.values[at])}"
            if curve.steps[at] != step:
                text = self.tr("{figure} at step {step}").format(
                    figure=text, step=wording.number(curve.steps[at])
                )
            colour = theme.colour("accent" if number == 0 else "muted").name()
            parts.append(f'<span style="color: {colour}">— {text}</span>')
            plain.append(text)
        if parts:
            head = self.tr("Step {}").format(wording.number(step))
            self._words.setText("&nbsp;&nbsp; ".join([head, *parts]))
            plain.insert(0, head)
        self._words.setVisible(bool(parts))
        self._words.setAccessibleName(", ".join(plain))
        if self._plot is not None:
            self._plot.setAccessibleDescription(", ".join(plain))

    def _last_step(self) -> int:
        curves = [self._curve(name) for name, _ in self._kind().curves]
        return max((curve.steps[-1] for curve in curves if curve.steps), default=0)

    def _kind(self) -> _Kind:
        return self._kinds[self._choice.checkedId()]

    def _curve(self, name: str) -> Curve:
        return _NOTHING if self._record is None else self._record.curves.get(name, _NOTHING)
