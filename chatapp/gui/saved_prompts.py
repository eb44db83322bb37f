"""The user's saved prompts: one TOML file, read when they are first asked for.

A text may hold blanks, as {{language}}, which are filled in once it stands in the prompt.
"""

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import msgspec
from msgspec import Struct
from PySide6.QtCore import QObject, Signal

from chatapp.paths import dated
from chatapp.settings import write_toml


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

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path

    @property
    def all(self) -> tuple[SavedPrompt, ...]:
        """Every prompt, in the order of their names."""
        return tuple(sorted(self._read.prompt, key=lambda prompt: prompt.name.casefold()))

    def save(self, prompts: Sequence[SavedPrompt]) -> None:
        """Keep these prompts instead of those there were."""
        self._read.prompt = tuple(prompts)
        try:
            write_toml(self._path, msgspec.to_builtins(self._read))
        except OSError as error:
            text = self.tr("The saved prompts cannot be written to {}: {}.")
            self.failed.emit(text.format(self._path, error.strerror))

    @cached_property
    def _read(self) -> _File:
        try:
            return msgspec.toml.decode(self._path.read_bytes(), type=_File)
        except FileNotFoundError:
            return _File(self._examples())
        except OSError as error:
            text = self.tr("The saved prompts in {} cannot be read: {}.")
            self.failed.emit(text.format(self._path, error.strerror))
        except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, no prompts, too deep
            self._set_aside(error)
        return _File(self._examples())

    def _set_aside(self, error: Exception) -> None:
        aside = dated(self._path, "damaged")
        try:
            os.replace(self._path, aside)
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
