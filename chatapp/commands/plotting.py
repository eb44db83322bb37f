"""Plots as pictures, drawn without a screen."""

import os
from pathlib import Path

from chatapp.runs.plot import Plot

_WIDTH, _HEIGHT = 1_200, 750
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")


def save_plot(plot: Plot, path: Path) -> None:
    """Draw a plot into a PNG file.

    The colours are those of Okabe and Ito 2008, told apart by colour-blind people too.

    Raises:
        OSError: If it cannot be written.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import pyqtgraph
    from PySide6.QtWidgets import QApplication

    _application = QApplication.instance() or QApplication([])
    pyqtgraph.setConfigOptions(background="w", foreground="k", antialias=True)
    widget = pyqtgraph.PlotWidget(title=plot.title)
    widget.resize(_WIDTH, _HEIGHT)
    widget.setLabel("bottom", plot.x_label)
    widget.setLabel("left", plot.y_label)
    widget.setLogMode(y=plot.is_log)
    widget.showGrid(x=True, y=True, alpha=0.2)
    widget.addLegend()
    for number, curve in enumerate(plot.curves):
        pen = pyqtgraph.mkPen(_COLOURS[number % len(_COLOURS)], width=3)
        widget.plot(curve.x, curve.y, pen=pen, name=curve.name)
    if not widget.grab().save(str(path)):
        raise OSError(None, "the picture could not be written", str(path))
