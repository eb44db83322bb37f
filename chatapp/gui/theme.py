"""How the window looks: two palettes of named colours, fonts, and the stylesheet made from them.

Light and dark follow the system unless the user chose one. Every size of letters is given in pixels
at 100 % and drawn at the size the user chose. Knows nothing about any widget; rules for widgets
stand in assets/style.qss, which writes a colour as its name behind a dollar sign.
"""

import re
import string
from functools import cache
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from chatapp import paths
from chatapp.settings import Theme

MESSAGE_PX = 15
INTERFACE_PX = 13
SMALL_PX = 12
CODE_PX = 13

PALETTES: dict[str, dict[str, str]] = {
    "light": {
        "bg": "#FBFBFA",
        "panel": "#F4F3F0",
        "line": "#E4E2DD",
        "text": "#1F1E1B",
        "muted": "#67645D",
        "accent": "#0F6E63",
        "accent-soft": "#DDEEEA",
        "accent-hover": "#0B5A51",
        "on-accent": "#FFFFFF",
        "bubble": "#ECEAE5",
        "code": "#F3F1ED",
        "warn": "#8A5A00",
        "warn-soft": "#FBEED3",
        "bad": "#A32A1F",
        "bad-soft": "#F8DEDA",
        "bad-line": "#CA9891",
        "kw": "#7A3E9D",
        "str": "#1B6B3A",
        "num": "#9A4B00",
        "com": "#716D64",
        "faint": "#A5A29A",  # what is switched off: icons, disabled text, scroll handles
    },
    "dark": {
        "bg": "#191917",
        "panel": "#20201D",
        "line": "#34332F",
        "text": "#ECEAE3",
        "muted": "#A29F96",
        "accent": "#62C7B4",
        "accent-soft": "#1E3A35",
        "accent-hover": "#7FD6C6",
        "on-accent": "#10231F",
        "bubble": "#2B2A27",
        "code": "#23221F",
        "warn": "#E3B458",
        "warn-soft": "#3A2F17",
        "bad": "#F08A7E",
        "bad-soft": "#40211D",
        "bad-line": "#7F564F",
        "kw": "#C49BE0",
        "str": "#8CCB9B",
        "num": "#E0A36B",
        "com": "#8C897F",
        "faint": "#6B6962",
    },
}


_SCHEMES: dict[Theme, Qt.ColorScheme] = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}
_ROLES = {
    QPalette.ColorRole.Window: "bg",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "bg",
    QPalette.ColorRole.AlternateBase: "panel",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "muted",
    QPalette.ColorRole.Button: "bg",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "bad",
    QPalette.ColorRole.Highlight: "accent-soft",
    QPalette.ColorRole.HighlightedText: "text",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "accent",
    QPalette.ColorRole.ToolTipBase: "text",
    QPalette.ColorRole.ToolTipText: "bg",
    QPalette.ColorRole.Accent: "accent",
}
_TEXT_ROLES = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
)


_PIXELS = "pixelsAt100"  # property of a widget whose font was set by hand
_FONT_SIZE = re.compile(r"font-size: (\d+)px")


class _StyleTemplate(string.Template):
    idpattern = r"[a-z]+(?:-[a-z]+)*"


class Notifier(QObject):
    """Holds the theme in force and says when its colours or its sizes change.

    Widgets that paint themselves listen; all others are restyled by Qt.

    Signals:
        changed: The colours are others.
        resized: The letters have another size; what was measured with them has to be measured anew.
    """

    changed = Signal()
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme = "system"
        self.colours: dict[str, str] = {}  # empty until the first choice
        self.is_dressed = False
        self.percent = 100  # of the size of letters

    def choose(self, theme: Theme) -> None:
        """Put `theme` in force; "system" follows the desktop from now on."""
        self.theme = theme
        # The frame that the system draws around the window goes with it.
        QGuiApplication.styleHints().setColorScheme(_SCHEMES[theme])
        self.follow()

    def follow(self) -> None:
        """Put in force what the user chose, or what the desktop says now."""
        app = QApplication.instance()
        colours = PALETTES[_wanted(self.theme)]
        if not isinstance(app, QApplication) or colours is self.colours:
            return
        self.colours = colours
        app.setPalette(_qt_palette(colours))
        if self.is_dressed:
            app.setStyleSheet(stylesheet(colours))
        self.changed.emit()

    def resize(self, percent: int) -> None:
        """Draw all letters at so many hundredths of their size."""
        app = QApplication.instance()
        if percent == self.percent or not isinstance(app, QApplication):
            return
        self.percent = percent
        app.setFont(font(INTERFACE_PX))
        if self.is_dressed:
            app.setStyleSheet(stylesheet(self.colours))
        for widget in app.allWidgets():
            pixels = widget.property(_PIXELS)
            if pixels is not None:
                widget.setFont(font(pixels, widget.font().weight()))
        self.resized.emit()


notifier = Notifier()


def colour(name: str) -> QColor:
    """The colour of that name in the theme in force."""
    return QColor((notifier.colours or PALETTES["light"])[name])


def is_dark() -> bool:
    """Whether the dark palette is in force."""
    return notifier.colours is PALETTES["dark"]


def px(pixels: float) -> int:
    """A length that goes with the letters, at the size the user chose."""
    return round(pixels * notifier.percent / 100)


def font(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The interface font: Inter where the system has it, else the system's own."""
    result = QFont(_family())
    result.setPixelSize(px(pixels))
    result.setWeight(weight)
    return result


def code_font(pixels: int = CODE_PX) -> QFont:
    """The system's fixed-width font."""
    result = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    result.setPixelSize(px(pixels))
    return result


def set_font(widget: QWidget, pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> None:
    """Give a widget the interface font; its letters grow and shrink with all others."""
    widget.setProperty(_PIXELS, pixels)
    widget.setFont(font(pixels, weight))


def mark(widget: QWidget, **properties: Any) -> None:
    """Set dynamic properties that the stylesheet looks at; a widget on show is styled anew."""
    for name, value in properties.items():
        assert widget.metaObject().indexOfProperty(name) < 0, f"{name} is a property of Qt's own"
        widget.setProperty(name, value)
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        style = widget.style()
        style.unpolish(widget)
        style.polish(widget)


def apply(app: QApplication, theme: Theme, font_percent: int = 100) -> None:
    """Give the program its look; with "system" the colours follow the desktop from now on."""
    choose_colours(app, theme, font_percent)
    dress(app)


def choose_colours(app: QApplication, theme: Theme, font_percent: int = 100) -> None:
    """Put fonts and colours in force: the first half of `apply`."""
    notifier.resize(font_percent)
    if not notifier.colours:
        app.setStyle("Fusion")
        app.setFont(font(INTERFACE_PX))
        app.styleHints().colorSchemeChanged.connect(notifier.follow)
    notifier.choose(theme)


def dress(app: QApplication) -> None:
    """Put the stylesheet in force: the second half of `apply`.

    A window that is built before this is ready sooner: Qt styles it once instead of at each step.
    """
    if not notifier.is_dressed:
        notifier.is_dressed = True
        app.setStyleSheet(stylesheet(notifier.colours))


def stylesheet(colours: dict[str, str]) -> str:
    """assets/style.qss with the names of colours replaced and the letters at their size.

    Raises:
        KeyError: If the stylesheet names a colour that the palette does not have.
    """
    source = (paths.assets_dir() / "style.qss").read_text(encoding="utf-8")
    sized = _FONT_SIZE.sub(lambda size: f"font-size: {px(int(size[1]))}px", source)
    return _StyleTemplate(sized).substitute(colours)


def _wanted(theme: Theme) -> str:
    if theme != "system":
        return theme
    return "dark" if _system_scheme() == Qt.ColorScheme.Dark else "light"


def _system_scheme() -> Qt.ColorScheme:
    return QGuiApplication.styleHints().colorScheme()


def _qt_palette(colours: dict[str, str]) -> QPalette:
    result = QPalette()
    for role, name in _ROLES.items():
        result.setColor(role, QColor(colours[name]))
    for role in _TEXT_ROLES:
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours["faint"]))
    return result


@cache
def _family() -> str:
    if QFontDatabase.hasFamily("Inter"):
        return "Inter"
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
