import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from chatapp import paths
from chatapp.gui import icons, theme

NAMES = sorted(file.stem for file in (paths.assets_dir() / "icons").glob("*.svg"))


def strongest_colour(picture: QPixmap) -> str:
    image = picture.toImage().convertToFormat(QImage.Format.Format_ARGB32)
    colours = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return max(colours, key=lambda colour: colour.alpha()).name().upper()


@pytest.mark.parametrize("name", NAMES)
def test_every_drawing_is_a_tintable_outline_that_leaves_ink(name: str, qapp: QApplication) -> None:
    source = (paths.assets_dir() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    assert "currentColor" in source
    assert QSvgRenderer(source.encode()).isValid()
    theme.apply(qapp, "light")
    assert strongest_colour(icons.icon(name).pixmap(48, 48)) == theme.PALETTES["light"]["muted"]


def test_an_icon_follows_the_theme_without_being_made_again(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    icon = icons.icon("stop", "text")
    before = strongest_colour(icon.pixmap(32, 32))
    theme.apply(qapp, "dark")
    after = strongest_colour(icon.pixmap(32, 32))
    theme.apply(qapp, "light")
    assert (before, after) == (
        theme.PALETTES["light"]["text"],
        theme.PALETTES["dark"]["text"],
    )


def test_a_checked_and_a_switched_off_icon_have_their_own_colours(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    icon = icons.icon("stop", "muted", "accent")
    size = QSize(32, 32)
    checked = icon.pixmap(size, QIcon.Mode.Normal, QIcon.State.On)
    switched_off = icon.pixmap(size, QIcon.Mode.Disabled, QIcon.State.Off)
    assert strongest_colour(checked) == theme.PALETTES["light"]["accent"]
    assert strongest_colour(switched_off) == theme.PALETTES["light"]["faint"]


def test_icons_have_twice_the_pixels_on_a_screen_scaled_by_two(qapp: QApplication) -> None:
    assert icons.icon("chat").pixmap(QSize(20, 20), 2.0).size() == QSize(40, 40)
    assert icons.pixmap("chat", 20, 2.0).deviceIndependentSize().toSize() == QSize(20, 20)


def test_a_copied_icon_looks_the_same(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    copy = QIcon(icons.icon("stop", "bad"))
    copy.addPixmap(QPixmap())  # makes Qt take a copy of its own
    assert strongest_colour(copy.pixmap(32, 32)) == theme.PALETTES["light"]["bad"]


def test_a_misspelled_icon_fails_where_it_is_asked_for(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icons.icon("no-such-icon")


def test_the_program_has_an_icon(qapp: QApplication) -> None:
    assert not icons.app_icon().pixmap(64, 64).isNull()
