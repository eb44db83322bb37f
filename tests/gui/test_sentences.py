import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

import chatapp
from chatapp.errors import say
from chatapp.gui.sentences import translated

_TS = """<!DOCTYPE TS><TS version="2.1" language="es"><context><name></name>
<message><source>The file is {n:,} bytes: {what}</source>
<translation>{what}; el archivo tiene {n:,} bytes</translation></message>
<message><source>too long</source><translation>demasiado</translation></message>
</context></TS>"""


def _qt_tool(name: str) -> str:
    return str(Path(sys.executable).with_name(f"pyside6-{name}"))


@pytest.fixture
def spanish(qapp: QApplication, tmp_path: Path) -> Iterator[None]:
    source, compiled = tmp_path / "es.ts", tmp_path / "es.qm"
    source.write_text(_TS)
    subprocess.run([_qt_tool("lrelease"), source, "-qm", compiled], check=True, capture_output=True)
    translator = QTranslator()
    assert translator.load(str(compiled))
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


@pytest.mark.usefixtures("spanish")
def test_a_sentence_and_those_inside_it_are_translated() -> None:
    sentence = say("The file is {n:,} bytes: {what}", n=1500, what=say("too long"))
    number = QLocale().toString(1500)
    assert translated(sentence) == f"demasiado; el archivo tiene {number} bytes"
    assert str(sentence) == "The file is 1,500 bytes: too long"


def test_translators_find_the_sentences_of_every_part(tmp_path: Path) -> None:
    found = tmp_path / "found.ts"
    package = Path(chatapp.__file__).parent
    sources = [package / name for name in ("engine", "library", "storage", "engine_watch.py")]
    files = [file for one in sources for file in (one.rglob("*.py") if one.is_dir() else [one])]
    command = [_qt_tool("lupdate"), *files, "-tr-function-alias", "tr+=say", "-ts", found]
    subprocess.run(command, check=True, capture_output=True)
    texts = {text.text for text in ElementTree.parse(found).iter("source")}
    assert {
        "The prompt is empty.",
        "Damaged: {what}; copy or download it again.",
        "it claims to hold {n:,} tensors",
        "Another program has the history in {path} open. Close that program first.",
        "The engine does not answer any more and was ended. Restart it.",
    } <= texts
