"""PromptLibrary: offers the saved prompts in the prompt box and has them looked after."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from chatapp.gui.chat.chat_page import ChatPage

if TYPE_CHECKING:
    from chatapp.gui.chat.prompt_picker import PromptPicker
    from chatapp.gui.saved_prompts import SavedPrompts


class PromptLibrary(QObject):
    """Nothing of it is built or read before the first slash."""

    def __init__(self, page: ChatPage, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self._path = path
        page.prompt_box.prompts_requested.connect(self._offer)

    @cached_property
    def _prompts(self) -> "SavedPrompts":
        from chatapp.gui.saved_prompts import SavedPrompts

        prompts = SavedPrompts(self._path, self)
        prompts.failed.connect(self._page.show_notice)
        return prompts

    @cached_property
    def _picker(self) -> "PromptPicker":
        from chatapp.gui.chat.prompt_picker import PromptPicker

        picker = PromptPicker(self._page.prompt_box)
        picker.save_requested.connect(self._save_written)
        picker.manage_requested.connect(lambda: self._open_dialog(""))
        return picker

    def _offer(self) -> None:
        self._picker.offer(self._prompts.all)

    def _save_written(self) -> None:
        self._open_dialog(self._page.prompt_text())

    def _open_dialog(self, new_text: str) -> None:
        from chatapp.gui.chat.prompts_dialog import PromptsDialog

        dialog = PromptsDialog(self._prompts.all, self._page)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.changed.connect(self._prompts.save)
        dialog.open()
        if new_text:
            dialog.add(" ".join(new_text[:60].split()), new_text)
