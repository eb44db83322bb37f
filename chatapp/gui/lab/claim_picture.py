"""Plots as pictures for a report, drawn without a screen too.

Importing this loads pyqtgraph and numpy, a second's work: see PlotLoader.
"""

from pathlib import Path

import pyqtgraph as pg

from chatapp.runs.plot import Plot

_WIDTH, _HEIGHT = 1_200, 750
# Those of Okabe and Ito 2008, told apart by colour-blind people too.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")


def save_plot(plot: Plot, path: Path) -> None:
    """Draw a plot into a PNG file; there must be a QApplication.

    Raises:
        OSError: If it cannot be written.
    """
    widget = pg.PlotWidget(background="w", title=str(plot.title))
    widget.resize(_WIDTH, _HEIGHT)
    widget.setLogMode(y=plot.is_log)
    widget.showGrid(x=True, y=True, alpha=0.2)
    widget.addLegend(labelTextColor="k")
    for name, label in (("bottom", plot.x_label), ("left", plot.y_label)):
        widget.setLabel(name, str(label), color="k")
        widget.getAxis(name).setPen("k")
        widget.getAxis(name).setTextPen("k")
    widget.getPlotItem().titleLabel.setText(str(plot.title), color="k", size="13pt")
    for number, curve in enumerate(plot.curves):
        pen = pg.mkPen(_COLOURS[number % len(_COLOURS)], width=3)
        widget.plot(curve.x, curve.y, pen=pen, name=curve.name, antialias=True)
    if not widget.grab().save(str(path)):
        raise OSError(None, "the picture could not be written", str(path))
