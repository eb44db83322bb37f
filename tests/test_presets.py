from chatapp.chat import GenerationParams
from chatapp.presets import BUILT_IN, Preset, changed_values, closest, renamed, with_preset


def test_balanced_has_the_true_defaults_and_the_others_differ() -> None:
    assert [preset.name for preset in BUILT_IN] == ["Balanced", "Precise", "Creative", "Code"]
    assert BUILT_IN[0].params == GenerationParams()
    assert len({preset.params.temperature for preset in BUILT_IN}) == len(BUILT_IN)


def test_changed_values_are_named() -> None:
    changed = GenerationParams(top_k=3, stop=("###",))
    assert changed_values(changed, GenerationParams()) == ("top_k", "stop")


def test_the_closest_preset_is_the_one_that_differs_least() -> None:
    precise = BUILT_IN[1]
    assert closest(precise.params, BUILT_IN) == precise
    assert closest(GenerationParams(seed=3), BUILT_IN) == BUILT_IN[0]


def test_a_preset_is_added_replaced_and_renamed_by_its_name() -> None:
    first, second = Preset(name="A"), Preset(name="B")
    again = Preset(name="A", system_prompt="Be kind.")
    assert with_preset((first,), second) == (first, second)
    assert with_preset((first, second), again) == (again, second)
    assert renamed((first, second), "A", "C") == (Preset(name="C"), second)
