import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.gui import theme

# Words on grounds, wherever the program writes; what a rule of the stylesheet pairs comes on top.
WORDS_ON_GROUNDS = [
    *((word, ground) for word in ("text", "muted") for ground in ("bg", "panel", "bubble", "code")),
    *((word, "bg") for word in ("accent", "warn", "bad")),
    *((word, "panel") for word in ("accent", "warn", "bad")),
    *((word, "code") for word in ("kw", "str", "num", "com")),
    ("text", "accent-soft"),
    ("text", "warn-soft"),
    ("text", "bad-soft"),
    ("text", "line"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("warn", "warn-soft"),
    ("bg", "text"),
]


def luminance(name: str, palette: dict[str, str]) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    colour = QColor(palette[name])

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in colour.getRgbF()[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(word: str, ground: str, palette: dict[str, str]) -> float:
    high, low = sorted((luminance(word, palette), luminance(ground, palette)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def pairs_of_stylesheet() -> set[tuple[str, str]]:
    """Colour and ground of every rule that sets both, switched-off widgets aside."""
    source = (paths.assets_dir() / "style.qss").read_text(encoding="utf-8")
    pairs = set()
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", source):
        word = re.search(r"(?<![-a-z])color: \$([a-z-]+)", body)
        ground = re.search(r"background(?:-color)?: \$([a-z-]+)", body)
        if word and ground and ":disabled" not in selector:
            pairs.add((word[1], ground[1]))
    return pairs


@pytest.mark.parametrize("name", theme.PALETTES)
def test_every_word_can_be_read_on_its_ground(name: str) -> None:
    pairs = {*WORDS_ON_GROUNDS, *pairs_of_stylesheet()}
    assert len(pairs) > len(WORDS_ON_GROUNDS)
    too_faint = {
        pair: ratio
        for pair in pairs
        if (ratio := round(contrast(*pair, theme.PALETTES[name]), 2)) < 4.5
    }
    assert not too_faint


def test_both_palettes_name_the_same_colours() -> None:
    assert theme.PALETTES["light"].keys() == theme.PALETTES["dark"].keys()


def test_stylesheet_names_no_unknown_colour() -> None:
    for palette in theme.PALETTES.values():
        assert "$" not in theme.stylesheet(palette)


def test_choosing_a_theme_changes_the_colours_and_says_so(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    heard: list[bool] = []
    theme.notifier.changed.connect(lambda: heard.append(theme.is_dark()))
    theme.apply(qapp, "dark")
    theme.apply(qapp, "dark")
    assert heard == [True]
    assert theme.colour("bg").name().upper() == theme.PALETTES["dark"]["bg"]
    assert qapp.palette().color(QPalette.ColorRole.Window) == theme.colour("bg")
    theme.apply(qapp, "light")
    assert heard == [True, False]


def test_theme_of_the_system_is_followed_only_when_asked_for(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme.apply(qapp, "system")
    monkeypatch.setattr(theme, "_system_scheme", lambda: Qt.ColorScheme.Dark)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.is_dark()
    theme.apply(qapp, "light")
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert not theme.is_dark()


def test_a_mark_changes_the_look_at_once(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    label = QLabel("word")
    label.ensurePolished()
    theme.mark(label, tone="bad")
    assert label.palette().color(QPalette.ColorRole.WindowText) == theme.colour("bad")


def test_fonts_have_the_size_asked_for(qapp: QApplication) -> None:
    assert theme.font(theme.MESSAGE_PX).pixelSize() == 15
    assert theme.code_font().pixelSize() == 13


def test_letters_grow_and_shrink_wherever_their_size_comes_from(
    qapp: QApplication, qtbot: QtBot
) -> None:
    theme.apply(qapp, "light")
    title, word = QLabel("title"), QLabel("word")
    theme.set_font(title, 20)
    theme.mark(word, letters="small")
    for label in (title, word):
        label.ensurePolished()
    with qtbot.waitSignal(theme.notifier.resized):
        theme.notifier.resize(150)
    assert title.font().pixelSize() == 30
    assert word.font().pixelSize() == 18
    assert theme.code_font().pixelSize() == theme.px(theme.CODE_PX) == 20
    with qtbot.assertNotEmitted(theme.notifier.resized):
        theme.notifier.resize(150)
    theme.notifier.resize(100)
    assert (title.font().pixelSize(), word.font().pixelSize()) == (20, 12)
