"""What is done with the history in a thread of its own. Waits for the store; knows no widget."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chatapp.gui.sentences import translated
from chatapp.transfer.watch import Watch

if TYPE_CHECKING:
    from chatapp.storage.records import Imported
    from chatapp.storage.store import ConversationStore
    from chatapp.transfer.exporting import ExportReport, Format
    from chatapp.transfer.importing import ImportReport
    from chatapp.transfer.training import TrainingOptions
    from chatapp.transfer.tree import Incoming


def export_job(
    store: "ConversationStore",
    ids: Sequence[str] | None,
    target: Path,
    format: "Format",
    options: "TrainingOptions",
) -> "Callable[[Watch], ExportReport]":
    """Writes conversations into a file; all of them if no identifiers are given."""

    def run(watch: Watch) -> "ExportReport":
        from chatapp.transfer.exporting import export

        wanted = store.export_ids().result() if ids is None else ids
        return export(
            wanted,
            lambda conversation_id: store.open_conversation(conversation_id).result(),
            target,
            format,
            watch,
            options,
            translated,
        )

    return run


def import_job(store: "ConversationStore", path: Path) -> "Callable[[Watch], ImportReport]":
    """Brings in what a file holds and the history does not."""

    def run(watch: Watch) -> "ImportReport":
        from chatapp.transfer.importing import import_file

        def add(incoming: "Incoming") -> "Imported":
            return store.import_conversation(
                incoming.conversation, incoming.created_at, incoming.updated_at
            ).result()

        return import_file(path, add, watch)

    return run


def keep_house(store: "ConversationStore") -> Callable[[Watch], object]:
    """Erases what has lain in the trash too long, and makes the backup of the day."""

    def run(_: Watch) -> object:
        store.purge_trash().result()
        return store.back_up_if_due().result()

    return run
