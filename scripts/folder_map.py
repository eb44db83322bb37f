"""Write the folder map of the README anew, from the first line of every module."""

import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
FOLDERS = ("chatapp", "benchmarks", "bundle", "scripts")
OTHERS = {
    "bundle/chatapp.desktop": "The program in the desktop's menu.",
    "bundle/chatapp.metainfo.xml": "The program in a software centre (AppStream).",
    "bundle/licences/": "Texts that packages forgot to bring.",
    "chatapp/assets/": "What the window is dressed in.",
    "chatapp/assets/bias_pairs.toml": "The sentences of the bias probe.",
    "chatapp/assets/icon.svg": "The program's own icon.",
    "chatapp/assets/icons/": "The icons of the buttons, tinted when they are drawn.",
    "chatapp/assets/models/": "Two small models of ours, each with its recipe and card.",
    "chatapp/assets/models/shakespeare-gpt/": "A GPT that goes on with plays.",
    "chatapp/assets/models/shakespeare-lstm/": "An LSTM that does.",
    "chatapp/assets/recipes/": "What can be taught, with the user's data: the cards of the Lab.",
    "chatapp/assets/style.qss": "The stylesheet; the palettes fill in the colours.",
    "chatapp/assets/translations/": "The window in other languages, by `make translations`.",
    "scripts/": "What `make` calls, and this map.",
    "scripts/llama_core.cmake": "Leaves out of llama.cpp's build what is not needed here.",
    "scripts/setup.sh": "Debian packages, .venv, the starter model: all that `make` needs.",
}
_LISTED_AS_FOLDER = (
    "bundle/licences/",
    "chatapp/assets/icons/",
    "chatapp/assets/models/",
    "chatapp/assets/recipes/",
    "chatapp/assets/translations/",
)
_BEGIN, _END = "## What lies where\n\n```\n", "```\n"


def draw() -> str:
    """The map: folders and files in order, each with what it is for."""
    paths = sorted(_entries(), key=_folders_last)
    width = max(_depth(path) * 2 + len(_name(path)) for path in paths) + 2
    lines = [f"{'  ' * _depth(path) + _name(path):{width}}{_purpose(path)}" for path in paths]
    return "\n".join(lines) + "\n"


def write() -> None:
    """Put the map into the README in place of the present one."""
    text = README.read_text(encoding="utf-8")
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    README.write_text(before + begin + draw() + end + after, encoding="utf-8")


def _entries() -> set[str]:
    # safe.directory: a checkout may belong to somebody else, as it does in a container.
    command = ["git", "-c", "safe.directory=*", "ls-files", "--", *FOLDERS]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    files = {Path(line) for line in result.stdout.splitlines()}
    folders = {parent for file in files for parent in file.parents} - {Path()}
    shown = {path.as_posix() for path in files if path.name != "__init__.py"}
    return {path for path in shown if not path.startswith(_LISTED_AS_FOLDER)} | {
        f"{folder.as_posix()}/" for folder in folders
    }


def _folders_last(path: str) -> tuple[tuple[bool, str], ...]:
    parts = Path(path).parts
    is_folder = [True] * (len(parts) - 1) + [path.endswith("/")]
    # Top-level folders keep the order in which they are named above.
    first = (True, str(FOLDERS.index(parts[0])))
    return (first, *zip(is_folder[1:], parts[1:], strict=True))


def _depth(path: str) -> int:
    return len(Path(path).parts) - 1


def _name(path: str) -> str:
    return Path(path).name + ("/" if path.endswith("/") else "")


def _purpose(path: str) -> str:
    if path in OTHERS:
        return OTHERS[path]
    module = ROOT / path / "__init__.py" if path.endswith("/") else ROOT / path
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
    if not docstring:
        raise ValueError(f"{module} does not say what it is for.")
    return docstring.splitlines()[0]


if __name__ == "__main__":
    write()
