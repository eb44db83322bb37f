"""The window in another language, as the user chose it or as the system has it."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from chatapp.chat import Attachment, GenerationParams
from chatapp.errors import say
from chatapp.gui import language
from chatapp.gui.chat.attachment_chips import describe_size
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.prompt_box import PromptBox
from chatapp.gui.sentences import translated


@pytest.fixture(autouse=True)
def _back_to_english(qapp: QApplication) -> Iterator[None]:
    before = QLocale()
    yield
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()
    QLocale.setDefault(before)


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> "type[System]":
    monkeypatch.setattr(QLocale, "system", lambda: System.locale)
    return System


class System:
    locale = QLocale("en_GB")


class BigPromptBox(PromptBox):
    """A class below the one that its words stand in."""


@pytest.mark.parametrize("choice", ["en", "system"])
def test_english_counts_one_and_many(
    qapp: QApplication, system: type[System], choice: language.Language
) -> None:
    language.install(qapp, choice)
    text = "Deleted %n conversation(s)"
    words = [QCoreApplication.translate("SidebarController", text, "", n) for n in (0, 1, 2)]
    assert words == ["Deleted 0 conversations", "Deleted 1 conversation", "Deleted 2 conversations"]


@pytest.mark.parametrize(
    ("choice", "one", "many"),
    [("en", "1 character", "12,345 characters"), ("es", "1 carácter", "12.345 caracteres")],
)
def test_the_length_of_an_attachment_counts_one_and_many(
    qapp: QApplication, system: type[System], choice: language.Language, one: str, many: str
) -> None:
    QLocale.setDefault(system.locale)
    language.install(qapp, choice)
    assert describe_size(Attachment("note.txt", "x")) == one
    assert describe_size(Attachment("note.txt", "x" * 12345)) == many


def test_spanish_is_spoken_by_our_words_those_of_qt_and_those_of_errors(
    qapp: QApplication, qtbot: QtBot, system: type[System]
) -> None:
    language.install(qapp, "es")
    page = ChatPage()
    qtbot.addWidget(page)
    page.set_conversation_settings("", GenerationParams(temperature=0.3, top_k=20, top_p=0.9))
    assert page.prompt_box.sampling_button.text() == "Muestreo: Preciso ▾"
    assert translated(say("The engine was stopped.")) == "El motor se ha detenido."
    room = say("The context is full: it has room for {limit:,} tokens.", limit=12345)
    assert translated(room) == "El contexto está lleno: caben 12.345 tokens."
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancelar"


def test_words_of_a_class_are_found_by_those_below_it(
    qapp: QApplication, qtbot: QtBot, system: type[System]
) -> None:
    language.install(qapp, "es")
    box = BigPromptBox()
    qtbot.addWidget(box)
    assert box.edit.accessibleName() == "Tu mensaje"


@pytest.mark.parametrize(
    ("name", "choice", "number"),
    [
        ("en_GB", "es", "1.234.567,5"),
        ("es_MX", "es", "1,234,567.5"),  # a country of the language keeps its own ways
        ("es_MX", "system", "1,234,567.5"),
        ("de_DE", "en", "1,234,567.5"),
        ("C", "system", "1,234,567.5"),
        ("C", "es", "1.234.567,5"),
    ],
)
def test_numbers_follow_the_language_unless_the_system_speaks_it(
    qapp: QApplication, system: type[System], name: str, choice: language.Language, number: str
) -> None:
    system.locale = QLocale(name)
    QLocale.setDefault(system.locale)
    language.install(qapp, choice)
    assert QLocale().toString(1234567.5, "f", 1) == number


@pytest.mark.parametrize(
    ("name", "cancel"), [("es_AR", "Cancelar"), ("en_US", "Cancel"), ("ja_JP", "Cancel")]
)
def test_the_system_decides_where_the_user_did_not(
    qapp: QApplication, system: type[System], name: str, cancel: str
) -> None:
    system.locale = QLocale(name)
    language.install(qapp, "system")
    assert QCoreApplication.translate("ExportDialog", "Cancel") == cancel
