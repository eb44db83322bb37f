"""The user's saved prompts: one TOML file, read when they are first asked for.

A text may hold blanks, as {{language}}, which are filled in once it stands in the prompt.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import msgspec
from msgspec import Struct
from PySide6.QtCore import QObject, Signal

from chatapp.toml_file import TomlFile


class SavedPrompt(Struct, frozen=True):
    """A text under a name."""

    name: str
    text: str

    def first_line(self) -> str:
        """What is shown of the text beside its name."""
        return self.text.strip().partition("\n")[0]

    def matches(self, query: str) -> bool:
        """Whether each word of `query` is in the name or in the first line."""
        searched = f"{self.name}\n{self.first_line()}".casefold()
        return all(word in searched for word in query.casefold().split())


class _File(Struct):
    prompt: tuple[SavedPrompt, ...] = ()


class SavedPrompts(QObject):
    """The saved prompts and the file they live in; without a file there are three examples.

    Signals:
        failed: They cannot be read or written; carries a text fit to be shown.
    """

    failed = Signal(str)

    _not_written = Signal(object)  # from the thread that writes the file

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file = TomlFile(path)
        self._not_written.connect(self._say_what_was_not_written)

    @property
    def all(self) -> tuple[SavedPrompt, ...]:
        """Every prompt, in the order of their names."""
        return tuple(sorted(self._read.prompt, key=lambda prompt: prompt.name.casefold()))

    def save(self, prompts: Sequence[SavedPrompt]) -> None:
        """Keep these prompts instead of those there were."""
        self._read.prompt = tuple(prompts)
        self._file.write(msgspec.to_builtins(self._read), self._not_written.emit)

    @cached_property
    def _read(self) -> _File:
        try:
            return msgspec.toml.decode(self._file.read(), type=_File)
        except FileNotFoundError:
            return _File(self._examples())
        except OSError as error:
            text = self.tr("The saved prompts in {} cannot be read: {}.")
            self.failed.emit(text.format(self._file.path, error.strerror))
        except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, no prompts, too deep
            self._set_aside(error)
        return _File(self._examples())

    def _say_what_was_not_written(self, error: OSError) -> None:
        text = self.tr("The saved prompts cannot be written to {}: {}.")
        self.failed.emit(text.format(self._file.path, error.strerror))

    def _set_aside(self, error: Exception) -> None:
        try:
            aside = self._file.set_aside()
        except OSError as failure:
            text = self.tr("The saved prompts are damaged ({}) and cannot be set aside ({}).")
            self.failed.emit(text.format(error, failure))
        else:
            text = self.tr("The saved prompts were damaged ({}). They were kept as {}.")
            self.failed.emit(text.format(error, aside))

    def _examples(self) -> tuple[SavedPrompt, ...]:
        return (
            SavedPrompt(
                self.tr("Summarise"),
                self.tr(
                    "Summarise the following in five short points, in plain words:\n\n{{text}}"
                ),
            ),
            SavedPrompt(
                self.tr("Translate"),
                self.tr("Translate this into {{language}} and keep its tone:\n\n{{text}}"),
            ),
            SavedPrompt(
                self.tr("Explain step by step"),
                self.tr(
                    "Explain {{topic}} step by step to somebody who is new to it, with one"
                    " everyday example."
                ),
            ),
        )
