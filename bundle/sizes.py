"""What takes the room in a bundle: its size by package."""

import re
from collections import Counter
from pathlib import Path

_N_ROWS = 20
_SYSTEM = "libraries of the system"
_PYTHON = "Python"


def total(folder: Path) -> int:
    """The bytes of all files in `folder`."""
    return sum(by_package(folder).values())


def by_package(folder: Path) -> Counter[str]:
    """The bytes of each package in `folder`; the two programs hold the Python code of most."""
    sizes: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            sizes[_package(path.relative_to(folder))] += path.stat().st_size
    return sizes


def table(folder: Path) -> str:
    """The largest packages, the largest first, and what the others make together."""
    sizes = by_package(folder)
    largest = sizes.most_common(_N_ROWS)
    rest = sizes.total() - sum(size for _, size in largest)
    rows = [*largest, ("all else", rest), ("together", sizes.total())]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {size / 1e6:7.1f} MB" for name, size in rows)


def _package(path: Path) -> str:
    inside = path.parts[1:]
    if not inside:
        return path.name
    if len(inside) == 1 and path.name.startswith("libpython"):
        return _PYTHON
    if len(inside) == 1:
        return _SYSTEM if ".so" in path.name else _PYTHON
    if inside[0].startswith("python3"):
        return _PYTHON
    return re.sub(r"(\.libs|-[^-]*\.dist-info)$", "", inside[0])
