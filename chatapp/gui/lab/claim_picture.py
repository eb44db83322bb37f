"""Plots as pictures for a report, drawn without a screen too.

Importing this loads pyqtgraph and numpy, a second's work: see PlotLoader.
"""

import html
from pathlib import Path

import pyqtgraph as pg

from chatapp.runs.plot import Plot

_WIDTH, _HEIGHT = 1_200, 750
_HEAD, _LEFT = 64, 80  # of the title with the legend, and of the axis
# Those of Okabe and Ito 2008, told apart by colour-blind people too.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")


def save_plot(plot: Plot, path: Path) -> None:
    """Draw a plot into a PNG file; there must be a QApplication.

    Raises:
        OSError: If it cannot be written.
    """
    widget = pg.PlotWidget(background="w")
    widget.resize(_WIDTH, _HEIGHT)
    widget.setLogMode(y=plot.is_log)
    widget.showGrid(x=True, y=True, alpha=0.2)
    for name, label in (("bottom", plot.x_label), ("left", plot.y_label)):
        widget.setLabel(name, str(label), color="k")
        widget.getAxis(name).setPen("k")
        widget.getAxis(name).setTextPen("k")
    widget.getAxis("left").setWidth(_LEFT)
    legend = []
    for number, curve in enumerate(plot.curves):
        colour = _COLOURS[number % len(_COLOURS)]
        widget.plot(curve.x, curve.y, pen=pg.mkPen(colour, width=3), antialias=True)
        legend.append(f'<b style="color: {colour}">— {html.escape(curve.name)}</b>')
    _set_head(widget.getPlotItem(), str(plot.title), "&nbsp; &nbsp; ".join(legend))
    if not widget.grab().save(str(path)):
        raise OSError(None, "the picture could not be written", str(path))


def _set_head(item: pg.PlotItem, title: str, legend: str) -> None:
    """The title, and below it, beside no curve, the legend."""
    item.setTitle(f"{html.escape(title)}<br>{legend}", color="k", size="12pt")
    item.titleLabel.setMaximumHeight(_HEAD)
    item.layout.setRowFixedHeight(0, _HEAD)
