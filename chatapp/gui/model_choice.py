"""ModelChoice: which model of the shelf answers in a conversation, and how it writes there."""

from PySide6.QtCore import QObject, Signal

from chatapp.chat import GenerationParams
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.reply_writer import Job
from chatapp.settings import SettingsFile
from chatapp.storage.records import StoredConversation, StoredMessage


class ModelChoice(QObject):
    """Knows what is on the shelf once that was looked through.

    Attributes:
        is_known: Whether it was, so that what is not there is missing.

    Signals:
        changed: Another model may answer than before.
        known: `is_known` has become true; after `changed`.
    """

    changed = Signal()
    known = Signal()

    def __init__(
        self, shelf: ModelShelf, settings: SettingsFile, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.is_known = False
        self._shelf = shelf
        self._settings = settings
        shelf.changed.connect(self._on_shelf_changed)

    def path(self, conversation: StoredConversation) -> str:
        """The model that answers: the conversation's own while it can be used, else the default.

        Returns:
            The path of its file; "" where there is none.
        """
        wanted = self._shelf.entry(conversation.model_path)
        if wanted is not None and not wanted.error:
            return wanted.path
        default = self._shelf.default()
        return "" if default is None else default.path

    def params(self, conversation: StoredConversation, path: str) -> GenerationParams:
        """How the model in `path` writes in that conversation."""
        return self._settings.current.params_for(conversation.params, path)

    def job(
        self, conversation: StoredConversation, path: str = "", begun: StoredMessage | None = None
    ) -> Job | None:
        """The reply to the message at the end of the conversation's path.

        Args:
            conversation: Where it is wanted.
            path: The model to write it; "" for the conversation's own.
            begun: An earlier reply to go on with.

        Returns:
            None where there is no such model.
        """
        path = path or self.path(conversation)
        entry = self._shelf.entry(path)
        if entry is None:
            return None
        return Job(
            conversation=conversation,
            model_path=path,
            model_name=entry.name,
            params=self.params(conversation, path),
            begun=begun,
        )

    def close(self) -> None:
        """Tell of nothing any more: a late find starts nothing."""
        self._shelf.changed.disconnect(self._on_shelf_changed)

    def _on_shelf_changed(self) -> None:
        is_first = not self.is_known and not self._shelf.is_scanning
        self.is_known = self.is_known or is_first
        self.changed.emit()
        if is_first:
            self.known.emit()
