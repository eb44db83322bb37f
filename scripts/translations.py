"""Bring the translations up to date with the sources, and compile them: `make translations`.

New texts come into chatapp/assets/translations/chatapp_*.ts as unfinished; Qt Linguist, or any
editor, fills them in. Of English, the language of the sources, only texts with plural forms are
there.
Qt's own tools, which come with PySide6, do the work.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "chatapp" / "assets" / "translations"
SOURCE = "en"
LANGUAGES = (SOURCE, "es")


def update(ts: Path, language: str) -> None:
    """Bring one source of a translation up to date; what is no longer said is dropped."""
    sources = sorted(str(path) for path in (ROOT / "chatapp").rglob("*.py"))
    _run(
        "lupdate",
        *sources,
        # Other parts of the program than the window say what they have to say by `say`.
        *("-tr-function-alias", "tr+=say"),
        *("-source-language", SOURCE, "-target-language", language),
        *(("-pluralonly",) if language == SOURCE else ()),
        *("-no-obsolete", "-locations", "none", "-silent"),
        *("-ts", str(ts)),
    )


def compile_to(qm: Path, ts: Path) -> None:
    """Compile one, without what is unfinished."""
    _run("lrelease", str(ts), "-silent", "-qm", str(qm))


def _run(tool: str, *arguments: str) -> None:
    program = Path(sys.executable).with_name(f"pyside6-{tool}")
    subprocess.run([program, *arguments], check=True)


if __name__ == "__main__":
    for each in LANGUAGES:
        source = FOLDER / f"chatapp_{each}.ts"
        update(source, each)
        compile_to(source.with_suffix(".qm"), source)
