"""Presets: a name for how a model is told to write.

Pure values. The built-in ones are always there; the user's own stand in the settings.
"""

from collections.abc import Sequence

from msgspec import Struct, structs

from chatapp.chat import GenerationParams


class Preset(Struct, frozen=True, kw_only=True):
    """A system prompt and sampling parameters under a name."""

    name: str
    system_prompt: str = ""
    params: GenerationParams = GenerationParams()


BUILT_IN = (
    Preset(name="Balanced"),
    Preset(name="Precise", params=GenerationParams(temperature=0.3, top_k=20, top_p=0.9)),
    Preset(name="Creative", params=GenerationParams(temperature=1.1, top_k=100, top_p=0.98)),
    # Code repeats itself by nature: indentation, names, brackets.
    Preset(name="Code", params=GenerationParams(temperature=0.2, repeat_penalty=1.0)),
)


def changed_values(params: GenerationParams, base: GenerationParams) -> tuple[str, ...]:
    """The names of the parameters in which two sets differ."""
    return tuple(
        name for name in params.__struct_fields__ if getattr(params, name) != getattr(base, name)
    )


def closest(params: GenerationParams, presets: Sequence[Preset]) -> Preset:
    """The preset that differs least from `params`; of equal ones the first."""
    return min(presets, key=lambda preset: len(changed_values(params, preset.params)))


def with_preset(presets: Sequence[Preset], preset: Preset) -> tuple[Preset, ...]:
    """The presets with `preset` in place of the one of that name, or at the end."""
    if all(known.name != preset.name for known in presets):
        return (*presets, preset)
    return tuple(preset if known.name == preset.name else known for known in presets)


def without_preset(presets: Sequence[Preset], name: str) -> tuple[Preset, ...]:
    """The presets but the one of that name."""
    return tuple(preset for preset in presets if preset.name != name)


def renamed(presets: Sequence[Preset], old: str, new: str) -> tuple[Preset, ...]:
    """The presets with one of them under a new name."""
    return tuple(
        structs.replace(preset, name=new) if preset.name == old else preset for preset in presets
    )
