"""The section Data of the settings: export, import, backups, the trash."""

from collections.abc import Callable

from PySide6.QtWidgets import QPushButton

from chatapp.gui.data.data_controller import DataController
from chatapp.gui.settings.section import SectionPage
from chatapp.settings import SettingsFile


class DataSection(SectionPage):
    """Buttons that open the dialogs."""

    def __init__(self, settings: SettingsFile, data: DataController) -> None:
        super().__init__(settings)
        self._add(
            self.tr("Export everything…"),
            lambda: data.export_everything(self.window()),
            self.tr("Full export"),
            self.tr("The whole history in one file that chatapp can bring in again."),
        )
        self._add(
            self.tr("Export…"),
            lambda: data.export(parent=self.window()),
            self.tr("Export"),
            self.tr("As Markdown, web pages, JSON or training data."),
        )
        self._add(
            self.tr("Import…"),
            lambda: data.import_conversations(self.window()),
            self.tr("Import"),
            self.tr("From chatapp, ChatGPT or Open WebUI."),
        )
        self._add(
            self.tr("Backups…"),
            lambda: data.show_backups(self.window()),
            self.tr("Backups"),
            self.tr("Made once a day. Go back to one, or make one now."),
        )
        self._add(
            self.tr("Trash…"),
            lambda: data.show_trash(self.window()),
            self.tr("Trash"),
            self.tr("Deleted conversations can be restored for 30 days."),
        )

    def _add(self, label: str, call: Callable[[], object], title: str, hint: str) -> None:
        button = QPushButton(label, self)
        button.clicked.connect(lambda: call())
        self.add_row(title, button, hint)
