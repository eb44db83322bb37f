"""What holds for the whole project: imports, calls, pins."""

import ast
import re
import subprocess
import sysconfig
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "chatapp").rglob("*.py"))

# Weights and other people's files are never run as code; no shell ever reads a name of a file.
FORBIDDEN_CALLS = {"eval", "exec", "os.system", "os.popen", "torch.load", "torch.compile"}
FORBIDDEN_ARGUMENTS = {("shell", True), ("trust_remote_code", True)}
FORBIDDEN_IMPORTS = {"pickle", "marshal", "shelve", "dill", "joblib"}
# Nothing leaves this computer.
NETWORK = {"socket", "ssl", "http", "urllib", "ftplib", "smtplib", "asyncio", "requests", "httpx"}
NETWORK |= {"PySide6.QtNetwork", "PySide6.QtWebSockets", "PySide6.QtWebEngineCore"}
# A second start finds the first window by a local socket.
MAY_USE_LOCAL_SOCKETS = "chatapp/gui/single_instance.py"


def test_the_import_contracts_hold() -> None:
    program = Path(sysconfig.get_path("scripts")) / "lint-imports"
    result = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_runs_no_foreign_code_and_opens_no_connection(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = path.relative_to(ROOT).as_posix()
    banned = FORBIDDEN_IMPORTS | (NETWORK if name != MAY_USE_LOCAL_SOCKETS else set())
    found = [module for module in _imports(tree) if any(_is_in(module, top) for top in banned)]
    found += [call for call in _calls(tree) if call in FORBIDDEN_CALLS]
    found += [
        f"{keyword.arg}={keyword.value.value}"
        for keyword in ast.walk(tree)
        if isinstance(keyword, ast.keyword)
        and isinstance(keyword.value, ast.Constant)
        and (keyword.arg, keyword.value.value) in FORBIDDEN_ARGUMENTS
    ]
    assert found == []


def test_everything_installed_is_pinned_at_the_version_in_use() -> None:
    pins = _pins()
    installed = {name: metadata.version(name) for name in _needed("chatapp", {"dev"}, set())}
    wrong = {
        name: f"installed {version}, pinned {pins.get(name)}"
        for name, version in installed.items()
        if pins.get(name) != version.partition("+")[0]
    }
    assert len(installed) > 20
    assert wrong == {}


def test_every_range_of_the_project_admits_its_pin() -> None:
    pins = _pins()
    for requirement in map(Requirement, metadata.requires("chatapp") or []):
        pin = pins[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(pin), f"{requirement} and {pin}"


def _pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line and not line.startswith("#")]
    matches = [re.fullmatch(r"([a-z0-9-]+)==([\w.]+)", line) for line in lines]
    pins = {match[1]: match[2] for match in matches if match}
    assert len(pins) == len(lines), "a line is no exact pin, or a name stands there twice"
    return pins


def _needed(name: str, extras: set[str], seen: set[str]) -> set[str]:
    """The installed packages that `name` with its extras needs, itself left out."""
    for requirement in map(Requirement, metadata.requires(name) or []):
        needed = canonicalize_name(requirement.name)
        wanted = requirement.marker is None or any(
            requirement.marker.evaluate({"extra": extra}) for extra in extras | {""}
        )
        if wanted and needed not in seen:
            seen.add(needed)
            _needed(needed, requirement.extras, seen)
    return seen


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _calls(tree: ast.AST) -> Iterator[str]:
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return (ast.unparse(function) for function in calls)


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")
