import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from chatapp.gui import icons, theme
from chatapp.gui.fields import CheckBox, SearchField


@pytest.mark.parametrize("name", ["light", "dark"])
def test_a_checked_box_has_a_tick_in_either_theme(
    qapp: QApplication, qtbot: QtBot, name: theme.Theme
) -> None:
    theme.apply(qapp, name)
    box = CheckBox("With it")
    qtbot.addWidget(box)
    box.show()
    tick, ground = theme.colour("on-accent"), theme.colour("accent")
    assert not has(box, ground)
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert has(box, tick)
    assert has(box, ground)
    theme.apply(qapp, "light")


def has(box: CheckBox, colour: QColor) -> bool:
    """Whether there is a spot of a colour, or nearly, where the box is."""
    image = box.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    side = min(image.width(), image.height())
    spots = [image.pixelColor(x, y) for x in range(side) for y in range(side)]
    return any(distance(spot, colour) < 40 for spot in spots)


def distance(one: QColor, other: QColor) -> int:
    pairs = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)
    return sum(abs(a - b) for a, b in pairs)


def test_cross_of_a_search_empties_it(qtbot: QtBot) -> None:
    field = SearchField("Find", "Find something")
    qtbot.addWidget(field)
    field.show()
    cross = field.findChildren(QToolButton)[-1]
    qtbot.keyClicks(field, "sea")
    drawn = cross.defaultAction().icon().pixmap(16, 16).toImage()
    assert drawn == icons.icon("close").pixmap(16, 16).toImage()
    qtbot.mouseClick(cross, Qt.MouseButton.LeftButton)
    assert field.text() == ""
