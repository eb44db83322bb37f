"""What stands in the Lab while there is nothing to show: what it is for, and how to begin."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from chatapp import edition
from chatapp.gui.invitation import Invitation
from chatapp.gui.sentences import translated


class NoRuns(Invitation):
    """Invites to a first run, where models can be trained here.

    Signals:
        new_run_asked: Begin one.
        claims_asked: See what textbooks say, measured.
    """

    new_run_asked = Signal()
    claims_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("lab", parent)
        self.add_title(self.tr("Teach a model"))
        self.add_words(
            self.tr(
                "Bring a text or examples, and a model learns from them on this computer. Watch it"
                " learn, stop it when you like, and try what came out. It goes on while this"
                " window is closed."
            )
        )
        if edition.has_own_networks():
            new = QPushButton(self.tr("New run"), self)
            new.clicked.connect(self.new_run_asked)
            claims = QPushButton(self.tr("What textbooks say"), self)
            claims.clicked.connect(self.claims_asked)
            self.add_buttons(new, claims)
        else:
            missing = QLabel(translated(edition.how_to_get_own_networks()), self)
            missing.setObjectName("labMissing")
            missing.setWordWrap(True)
            self.add_label(missing)
