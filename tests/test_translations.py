"""The translations hold every text of the window, and nothing that is not finished."""

import ast
import re
import string
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import translations

SOURCES = sorted((translations.ROOT / "chatapp").rglob("*.py"))
Text = tuple[str, str, bool]  # context, text, whether it has plural forms


class Entry:
    """A text of a translation source, and what stands for it."""

    def __init__(self, context: str, message: ElementTree.Element) -> None:
        translation = message.find("translation")
        assert translation is not None
        self.source = message.findtext("source") or ""
        self.text: Text = context, self.source, message.get("numerus") == "yes"
        self.is_finished = translation.get("type") is None
        forms = [form.text or "" for form in translation.iter("numerusform")]
        self.forms = forms or [translation.text or ""]


def entries(ts: Path) -> list[Entry]:
    root = ElementTree.parse(ts).getroot()
    return [
        Entry(context.findtext("name") or "", message)
        for context in root.iter("context")
        for message in context.iter("message")
    ]


@pytest.fixture(params=translations.LANGUAGES)
def ts(request: pytest.FixtureRequest) -> Path:
    return translations.FOLDER / f"chatapp_{request.param}.ts"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Entry]:
    """What Qt's own tool finds in the sources now."""
    fresh = tmp_path_factory.mktemp("ts") / "fresh.ts"
    translations.update(fresh, "es")
    return entries(fresh)


def test_every_text_of_the_sources_is_there_and_no_other(ts: Path, found: list[Entry]) -> None:
    has_all = ts.stem != f"chatapp_{translations.SOURCE}"  # there, only plurals need another text
    known = {entry.text for entry in entries(ts)}
    wanted = {entry.text for entry in found if has_all or entry.text[-1]}
    assert not wanted - known, "make translations, and translate what is new"
    assert not known - wanted, "make translations"


def test_nothing_is_unfinished_or_empty(ts: Path) -> None:
    assert not [
        entry.text for entry in entries(ts) if not entry.is_finished or not all(entry.forms)
    ]


def test_the_gaps_of_a_text_are_those_of_its_translation(ts: Path) -> None:
    different = [
        entry.text
        for entry in entries(ts)
        if any(gaps(form) != gaps(entry.source) for form in entry.forms)
    ]
    assert not different


def gaps(text: str) -> list[tuple[str | None, str | None]]:
    """What `str.format` and Qt will fill in."""
    named = [
        (name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name is not None
    ]
    return sorted(named, key=str) + [(number, None) for number in re.findall("%L?n", text)]


def test_the_compiled_file_is_that_of_its_source(ts: Path, tmp_path: Path) -> None:
    compiled = tmp_path / "compiled.qm"
    translations.compile_to(compiled, ts)
    assert compiled.read_bytes() == ts.with_suffix(".qm").read_bytes(), "make translations"


def test_the_tool_finds_every_text_the_sources_mark(found: list[Entry]) -> None:
    """And under the class it stands in: a text under another context would never be translated."""
    known = {(context, text) for context, text, _ in (entry.text for entry in found)}
    marked = [mark for path in SOURCES for mark in marks(path)]
    assert len(marked) > 300
    assert not [mark for mark in marked if mark[:2] not in known]


def marks(path: Path) -> Iterator[tuple[str, str, str]]:
    """Every text that is marked for translation: its context, itself and where it stands."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    contexts = {
        id(inner): node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        where = f"{path.name}:{node.lineno}"
        if isinstance(node.func, ast.Attribute) and node.func.attr == "tr":
            yield contexts.get(id(node), ""), literal(node.args[0], where), where
        elif ast.unparse(node.func).endswith("Application.translate"):
            if not isinstance(node.args[0], ast.Constant) or node.args[0].value:
                yield literal(node.args[0], where), literal(node.args[1], where), where
        elif isinstance(node.func, ast.Name) and node.func.id == "say":
            yield "", literal(node.args[0], where), where


def literal(node: ast.expr, where: str) -> str:
    assert isinstance(node, ast.Constant), f"{where} marks something else than a literal"
    assert isinstance(node.value, str)
    return node.value
