"""The section General: how the window looks, its language, its keys and its folders."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from chatapp import paths
from chatapp.gui import icons
from chatapp.gui.fields import Choice, NumberField
from chatapp.gui.settings.section import SectionPage, muted
from chatapp.settings import LEAST_FONT_PERCENT, MOST_FONT_PERCENT, SettingsFile

FONT_STEP = 10


class GeneralSection(SectionPage):
    """Theme, size of letters, language, the keys that send, the folders."""

    def __init__(self, settings: SettingsFile) -> None:
        super().__init__(settings)
        now = settings.current
        self._theme = Choice(self.tr("Colours"), self)
        themes = (
            ("system", self.tr("As the system")),
            ("light", self.tr("Light")),
            ("dark", self.tr("Dark")),
        )
        self._theme.set_choices(themes, now.theme)
        self._theme.chosen.connect(lambda value: self.change(theme=value))
        self.add_row(self.tr("Colours"), self._theme)

        name = self.tr("Size of letters")
        self._percent = NumberField(
            name, LEAST_FONT_PERCENT, MOST_FONT_PERCENT, step=FONT_STEP, parent=self
        )
        self._percent.setSuffix(self.tr(" %"))
        self._percent.show_value(now.font_percent)
        self._percent.entered.connect(lambda value: self.change(font_percent=round(value)))
        settings.listen(self._follow)  # the keys change it too
        self.add_row(
            name,
            self._percent,
            self.tr(
                "From {} to {} %. Ctrl and + or − change it anywhere, Ctrl+0 puts it back."
            ).format(LEAST_FONT_PERCENT, MOST_FONT_PERCENT),
        )

        self._language = Choice(self.tr("Language"), self)
        languages = (
            ("system", self.tr("As the system")),
            ("en", "English"),  # a language is called by its own name
            ("es", "Español"),
        )
        self._language.set_choices(languages, now.language)
        self._language.chosen.connect(lambda value: self.change(language=value))
        self.add_row(
            self.tr("Language"),
            self._language,
            self.tr("Another language begins at the next start."),
        )

        self.add_heading(self.tr("Sending"))
        self.add_widget(
            muted(
                self.tr(
                    "Enter sends your message, Shift+Enter begins a new line, Esc stops a reply."
                ),
                self,
            )
        )
        self.add_heading(self.tr("Folders"))
        self.add_widget(self._folders())

    def _follow(self) -> None:
        self._percent.show_value(self._settings.current.font_percent)

    def _folders(self) -> QWidget:
        line = QWidget(self)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._button(self.tr("Open the folder of your data"), paths.data_dir))
        row.addWidget(self._button(self.tr("Open the folder of the logs"), paths.log_dir))
        row.addStretch()
        return line

    def _button(self, text: str, folder: Callable[[], Path]) -> QPushButton:
        button = QPushButton(icons.icon("folder"), text, self)
        button.clicked.connect(lambda: self._open(folder()))
        return button

    def _open(self, folder: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            text = self.tr("The folder {} cannot be opened from here.")
            self.said.emit(text.format(folder), "", None)
