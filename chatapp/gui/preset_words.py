"""Words about presets: the names of the built-in ones, and why a name is refused."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from chatapp.presets import BUILT_IN, Preset


def title(preset: Preset) -> str:
    """The name of a preset as the user reads it."""
    return _built_in_titles().get(preset.name, preset.name)


def name_problem(name: str, presets: Sequence[Preset]) -> str:
    """Why a new preset cannot be called `name`; empty where it can."""
    if not name.strip():
        return QCoreApplication.translate("Presets", "Give the preset a name.")
    taken = {preset.name for preset in presets} | {title(preset) for preset in presets}
    if name.strip().casefold() in {known.casefold() for known in taken}:
        return QCoreApplication.translate(
            "Presets", "There is a preset of that name already. Choose another one."
        )
    return ""


def _built_in_titles() -> dict[str, str]:
    titles = (
        QCoreApplication.translate("Presets", "Balanced"),
        QCoreApplication.translate("Presets", "Precise"),
        QCoreApplication.translate("Presets", "Creative"),
        QCoreApplication.translate("Presets", "Code"),
    )
    return {preset.name: words for preset, words in zip(BUILT_IN, titles, strict=True)}
