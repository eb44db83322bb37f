"""The panel behind the sampling button: presets, the system prompt and every parameter."""

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from chatapp.chat import OFF, RANGES, GenerationParams
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.parameter_list import ParameterRow
from chatapp.gui.chat.settings_panel import SettingsPanel
from chatapp.gui.fields import Choice, NumberField
from chatapp.presets import BUILT_IN, Preset

OWN = Preset(name="Pirate", system_prompt="Arr.", params=GenerationParams(temperature=1.4))


@pytest.fixture
def page(qtbot: QtBot) -> ChatPage:
    page = ChatPage()
    qtbot.addWidget(page)
    page.resize(900, 700)
    page.set_presets((*BUILT_IN, OWN))
    page.show()
    qtbot.waitExposed(page)
    return page


def click(widget: QPushButton | QToolButton | QCheckBox) -> None:
    spot = widget.rect().center()
    if isinstance(widget, QCheckBox):
        spot.setX(8)
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=spot)


def sampling_button(page: ChatPage) -> QPushButton:
    return next(b for b in page.findChildren(QPushButton) if "Sampling" in b.text())


def open_panel(page: ChatPage) -> SettingsPanel:
    click(sampling_button(page))
    panel = page.findChild(SettingsPanel)
    assert panel.isVisible()
    return panel


def button(panel: SettingsPanel, text: str) -> QPushButton:
    return next(b for b in panel.findChildren(QPushButton) if b.text() == text)


def row(panel: SettingsPanel, name: str) -> ParameterRow:
    more = next(b for b in panel.findChildren(QPushButton) if b.text() in ("More", "Less"))
    if more.text() == "More":
        click(more)
    return next(row for row in panel.findChildren(ParameterRow) if row.name == name)


def enter(field: NumberField, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def choose(panel: SettingsPanel, words: str) -> None:
    """Choose a preset with the keys, as the list of a field takes them."""
    choice = panel.findChild(Choice)
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Home)
    while choice.currentText() != words:
        QTest.keyClick(choice, Qt.Key.Key_Down)


def test_the_button_names_the_preset_and_says_when_it_was_changed(page: ChatPage) -> None:
    assert not page.findChildren(SettingsPanel)  # built when it is first opened
    for preset in BUILT_IN:
        page.set_conversation_settings("", preset.params)
        assert sampling_button(page).text() == f"Sampling: {preset.name} ▾"
    page.set_conversation_settings("", GenerationParams(top_k=3))
    assert sampling_button(page).text() == "Sampling: Balanced, changed ▾"


def test_prompt_and_temperature_are_told_when_the_user_changed_them(
    qtbot: QtBot, page: ChatPage
) -> None:
    page.set_conversation_settings("Be brief.", GenerationParams())
    panel = open_panel(page)
    edit, slider = panel.findChild(QPlainTextEdit), panel.findChild(QSlider)
    assert edit.toPlainText() == "Be brief."
    with qtbot.assertNotEmitted(page.system_prompt_changed):
        panel.hide()
    open_panel(page)
    QTest.keyClicks(edit, "Always: ")
    with qtbot.waitSignal(page.params_changed) as changed:
        QTest.keyClick(slider, Qt.Key.Key_Right)
    assert changed.args == [GenerationParams(temperature=0.75)]
    with qtbot.waitSignal(page.system_prompt_changed) as changed:
        QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert changed.args == ["Always: Be brief."]
    assert not panel.isVisible()


def test_what_is_typed_is_told_in_the_first_pause(qtbot: QtBot, page: ChatPage) -> None:
    panel = open_panel(page)
    with qtbot.waitSignal(page.system_prompt_changed) as changed:
        QTest.keyClicks(panel.findChild(QPlainTextEdit), "Be kind.")
    assert changed.args == ["Be kind."]
    assert panel.isVisible()


def test_showing_settings_tells_nothing(qtbot: QtBot, page: ChatPage) -> None:
    row(open_panel(page), "top_k")
    with qtbot.assertNotEmitted(page.params_changed):
        page.set_conversation_settings("x", GenerationParams(temperature=1.3, stop=("a",), seed=4))


def test_a_preset_gives_its_values_and_its_words(qtbot: QtBot, page: ChatPage) -> None:
    panel = open_panel(page)
    with qtbot.waitSignals([page.params_changed, page.system_prompt_changed]):
        choose(panel, "Pirate")
    assert panel.findChild(QPlainTextEdit).toPlainText() == "Arr."
    told: list[GenerationParams] = []
    page.params_changed.connect(told.append)
    choose(panel, "Precise")
    assert told[-1] == BUILT_IN[1].params
    assert panel.findChild(QPlainTextEdit).toPlainText() == ""  # they were the preset's


def test_a_preset_without_words_leaves_those_of_the_user(page: ChatPage) -> None:
    page.set_conversation_settings("My own words.", GenerationParams())
    panel = open_panel(page)
    choose(panel, "Code")
    assert panel.findChild(QPlainTextEdit).toPlainText() == "My own words."


def test_every_parameter_is_there_with_words_default_and_range(page: ChatPage) -> None:
    panel = open_panel(page)
    row(panel, "top_k")
    rows = {each.name: each for each in panel.findChildren(ParameterRow)}
    assert {*rows, "stop"} == set(GenerationParams.__struct_fields__)
    for name, each in rows.items():
        field = each.findChild(NumberField)
        assert len(field.accessibleDescription()) > 30
        if name in RANGES:
            assert (field.minimum(), field.maximum()) == RANGES[name]
        assert each.findChild(QCheckBox).isVisibleTo(each) == (name in OFF)
        default = getattr(GenerationParams(), name)
        if default is not None:
            assert field.value() == default


def test_a_number_is_taken_marked_and_put_back(qtbot: QtBot, page: ChatPage) -> None:
    panel = open_panel(page)
    top_k = row(panel, "top_k")
    field, back = top_k.findChild(NumberField), top_k.findChild(QToolButton)
    assert not back.isEnabled()
    with qtbot.waitSignal(page.params_changed) as changed:
        enter(field, "12")
    assert changed.args == [GenerationParams(top_k=12)]
    assert back.accessibleName() == "Top-k: back to 40"
    with qtbot.waitSignal(page.params_changed) as changed:
        click(back)
    assert changed.args == [GenerationParams()]
    assert field.value() == 40
    assert not back.isEnabled()


def test_a_temperature_beyond_the_slider_is_shown_as_it_is(page: ChatPage) -> None:
    page.set_conversation_settings("", GenerationParams(temperature=3.5))
    panel = open_panel(page)
    shown = [label.text() for label in panel.findChildren(QLabel)]
    assert QLocale().toString(3.5, "f", 2) in shown
    assert row(panel, "temperature").findChild(NumberField).value() == 3.5


def test_a_number_out_of_its_range_cannot_be_entered(page: ChatPage) -> None:
    field = row(open_panel(page), "top_p").findChild(NumberField)
    enter(field, QLocale().toString(7.5))
    assert 0 <= field.value() <= 1


@pytest.mark.parametrize("name", OFF)
def test_a_switch_turns_a_parameter_off_and_on_again(
    qtbot: QtBot, page: ChatPage, name: str
) -> None:
    each = row(open_panel(page), name)
    switch, field = each.findChild(QCheckBox), each.findChild(NumberField)
    if switch.isChecked():
        with qtbot.waitSignal(page.params_changed) as changed:
            click(switch)
        assert getattr(changed.args[0], name) == OFF[name]
    assert not field.isEnabled()
    with qtbot.waitSignal(page.params_changed) as changed:
        click(switch)
    assert getattr(changed.args[0], name) != OFF[name]
    assert field.isEnabled()


def test_stop_texts_are_one_a_line_with_line_breaks_written_out(
    qtbot: QtBot, page: ChatPage
) -> None:
    page.set_conversation_settings("", GenerationParams(stop=("\n\n", "a\\n")))
    panel = open_panel(page)
    row(panel, "seed")
    edit = panel.findChildren(QPlainTextEdit)[-1]
    assert edit.toPlainText() == "\\n\\n\na\\\\n"
    with qtbot.waitSignal(page.params_changed) as changed:
        edit.setFocus()
        edit.selectAll()
        QTest.keyClicks(edit, "###\r\\nUser:\r\r")
    assert changed.args[0].stop == ("###", "\nUser:")


def test_what_is_on_show_is_saved_as_a_preset(qtbot: QtBot, page: ChatPage) -> None:
    page.set_conversation_settings("Be kind.", GenerationParams(temperature=1.25))
    panel = open_panel(page)
    click(button(panel, "Save as a preset…"))
    name = panel.findChild(QLineEdit, "presetName")
    QTest.keyClicks(name, "balanced")
    with qtbot.assertNotEmitted(page.preset_saved):
        QTest.keyClick(name, Qt.Key.Key_Return)
    assert name.isVisible()  # and says why
    name.clear()
    QTest.keyClicks(name, "Kind")
    with qtbot.waitSignal(page.preset_saved) as saved:
        QTest.keyClick(name, Qt.Key.Key_Return)
    kind = Preset(name="Kind", system_prompt="Be kind.", params=GenerationParams(temperature=1.25))
    assert saved.args == [kind]


def test_values_can_be_given_to_the_model(qtbot: QtBot, page: ChatPage) -> None:
    page.set_models((), "/m/a.gguf")
    page.set_conversation_settings("", GenerationParams(top_k=3))
    panel = open_panel(page)
    with qtbot.waitSignal(page.model_params_chosen) as chosen:
        click(button(panel, "Use these for this model from now on"))
    assert chosen.args == ["/m/a.gguf", GenerationParams(top_k=3)]
