import re
import subprocess
import sys
from datetime import datetime

import pytest

from chatapp.chat import Message
from chatapp.errors import EngineError
from chatapp.text.chat_template import ChatTemplate, Segment

SYSTEM = Message(role="system", content="Be brief.")
HI = Message(role="user", content="Hi")
YO = Message(role="assistant", content="Yo!", ids=(7, 8))
WHY = Message(role="user", content="Why?")

CHATML = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content']"
    " + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|im_start|>assistant\n' }}{% endif %}"
)
# As Gemma's: no system role, turns must alternate, contents are trimmed.
STRICT = """\
{{ bos_token }}
{%- if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}
{%- endif %}
{%- for message in messages %}
  {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
    {{- raise_exception('Conversation roles must alternate user/assistant/...') }}
  {%- endif %}
  {{- '[' + message.role + ']' + message.content | trim + '[/]' }}
{%- endfor %}
{%- if add_generation_prompt %}[assistant]{% endif %}"""
# As Mistral's: a system role, but turns must alternate.
ALTERNATING = STRICT.replace("messages[0]['role'] == 'system'", "false").replace(
    "{%- for message in messages %}",
    "{%- if messages[0].role == 'system' %}<<{{ messages[0].content }}>>"
    "{%- set messages = messages[1:] %}{% endif %}{%- for message in messages %}",
)


def rendered(source: str, *messages: Message) -> str:
    return ChatTemplate(source, "<s>", "</s>").render(messages)


def refused(source: str, *messages: Message) -> EngineError:
    with pytest.raises(EngineError) as caught:
        rendered(source, *messages)
    return caught.value


def test_a_template_renders_with_and_without_the_generation_prompt() -> None:
    template = ChatTemplate(CHATML)
    turns = "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
    assert template.render([SYSTEM, HI]) == turns + "<|im_start|>assistant\n"
    assert template.render([SYSTEM, HI], add_generation_prompt=False) == turns


def test_block_tags_leave_no_lines_behind() -> None:
    source = (
        "{% for m in messages %}\n  {% if true %}\n{{ m.content }}\n  {% endif %}\n{% endfor %}\n"
    )
    assert rendered(source, HI, WHY) == "Hi\nWhy?\n"


def test_templates_find_what_they_are_used_to() -> None:
    year = f"{datetime.now():%Y}"
    assert rendered("{{ strftime_now('%Y') }}") == year
    assert (
        rendered("{% for i in range(9) %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}")
        == "01"
    )
    assert rendered("{% generation %}{{ eos_token }}{% endgeneration %}") == "</s>"
    assert rendered("{{ {'a': '<é>'} | tojson }}") == '{"a": "<é>"}'
    assert rendered("{{ [1] | tojson(indent=2) }}") == "[\n  1\n]"
    assert rendered("{{ ['a', 1] | join('-') }}{{ [{'x': 'b'}] | join(attribute='x') }}") == "a-1b"
    assert (
        rendered("{{ '%s %d' % ('a', 1) }}{{ '{}{x}'.format(2, x=3) }}{{ '%s'|format(4) }}")
        == "a 1234"
    )
    assert rendered("{{ 'a' ~ 1 ~ none ~ missing }}{{ messages[0]['tool_calls'] }}", HI) == "a1None"
    assert rendered("{{ 'x</think>\n y'.split('</think>')[-1].lstrip('\n') }}") == " y"
    assert (
        rendered(
            "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}"
            "{% endfor %}{{ ns.n }}",
            HI,
            WHY,
        )
        == "2"
    )
    assert (
        rendered("{{ messages | selectattr('role', 'equalto', 'user') | list | length }}", HI, YO)
        == "1"
    )
    assert (
        rendered("{% macro m(a, b=2) %}{{ a + b }}{% endmacro %}{{ m(1) }}{{ [3, 4][::-1] }}")
        == "3[4, 3]"
    )


def test_a_template_that_knows_no_system_role_finds_it_in_the_first_turn() -> None:
    assert rendered(STRICT, SYSTEM, HI, YO, WHY) == (
        "<s>[user]Be brief.\n\nHi[/][assistant]Yo![/][user]Why?[/][assistant]"
    )


def test_a_template_that_wants_alternating_turns_gets_them_and_keeps_its_system_role() -> None:
    assert (
        rendered(ALTERNATING, SYSTEM, HI, WHY) == "<s><<Be brief.>>[user]Hi\n\nWhy?[/][assistant]"
    )
    assert rendered(STRICT, HI, WHY) == "<s>[user]Hi\n\nWhy?[/][assistant]"


def test_messages_stay_as_they_are_where_the_template_takes_them() -> None:
    assert "system\nBe brief." in rendered(CHATML, SYSTEM, HI, WHY)
    assert rendered(CHATML, HI, WHY).count("<|im_start|>user") == 2


def test_a_refusal_in_every_form_says_what_the_template_says() -> None:
    error = refused("{{ raise_exception('Only on Sundays.') }}", HI)
    assert error.code == "bad_request"
    assert "Only on Sundays." in str(error)
    assert refused(STRICT, YO, HI).code == "bad_request"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{% for %}", "line 1"),
        ("\n{{ 'a }}", "line 2"),
        ("{{ messages[0].content.x.y }}", "no attribute 'x'"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ 'a' | nosuch }}", "nosuch"),
        ("x" * 200_000, "200000 characters"),
        ("{{ 'a' * 10000000 }}", "more text"),
        (
            "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
            "too long",
        ),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion"),
    ],
)
def test_a_template_that_fails_gives_the_reason_in_plain_words(source: str, reason: str) -> None:
    error = refused(source, HI)
    assert error.code == "damaged"
    assert reason in str(error)
    assert str(error).endswith("Try another file of this model.")
    assert len(str(error)) < 400


def test_a_template_that_failed_can_render_again() -> None:
    template = ChatTemplate("{{ 1 / (messages | length - 1) }}")
    with pytest.raises(EngineError):
        template.render([HI])
    assert template.render([HI, WHY]) == "1.0"


def test_a_long_honest_conversation_is_rendered_whole() -> None:
    messages = [
        Message(role="user" if i % 2 == 0 else "assistant", content="word " * 200)
        for i in range(1001)
    ]
    assert rendered(STRICT, *messages).count("word") == 200 * 1001
    assert len(rendered(CHATML, Message(role="user", content="ü" * 5_000_000))) > 5_000_000


def test_what_people_type_is_never_run() -> None:
    text = "{{ 1 + 1 }}{% if %} {# #}"
    assert text in rendered(CHATML, Message(role="user", content=text))


def test_known_ids_stand_for_the_reply() -> None:
    assert ChatTemplate(CHATML).segments([HI, YO, WHY]) == (
        Segment("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"),
        Segment("Yo!", (7, 8)),
        Segment("<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n"),
    )


def test_without_known_ids_a_prompt_is_one_segment() -> None:
    reply = Message(role="assistant", content="Yo!")
    assert ChatTemplate(CHATML).segments([HI, reply, WHY]) == (
        Segment(rendered(CHATML, HI, reply, WHY)),
    )


def test_ids_stand_for_the_reply_as_the_model_wrote_it_where_the_template_trims() -> None:
    reply = Message(role="assistant", content=" Yo!\n", ids=(1, 7, 8))
    segments = ChatTemplate(STRICT, "<s>").segments([SYSTEM, HI, reply, WHY])
    assert segments[1] == Segment(" Yo!\n", (1, 7, 8))
    assert segments[2].text == "[/][user]Why?[/][assistant]"


@pytest.mark.parametrize(
    "change",
    [
        "{{ message.content | upper }}",
        "{{ message.content | tojson }}",
        "{{ message.content[:2] }}",
        "{{ message.content if message.content | length < 9 else 'long' }}",
        "{{ message.content if 'Yo' in message.content else 'other' }}",
        "{{ message.content.split('x') | join('x') | replace('!', '?') }}",
        "{{ 1 // (message.content | length < 9) }}{{ message.content }}",
    ],
)
def test_a_reply_that_the_template_changes_is_text(change: str) -> None:
    source = "{% for message in messages %}[" + change + "]{% endfor %}"
    reply = Message(role="assistant", content='"Yo"!', ids=(7, 8))
    assert ChatTemplate(source).segments([reply]) == (Segment(rendered(source, reply)),)


def test_a_reply_that_the_template_uses_twice_is_text_and_the_others_keep_their_ids() -> None:
    source = (
        "{% for m in messages %}[{{ m.content }}]{% if loop.first %}{{ m.content }}{% endif %}"
        "{% endfor %}"
    )
    other = Message(role="assistant", content="No.", ids=(9,))
    assert ChatTemplate(source).segments([YO, other]) == (
        Segment("[Yo!]Yo!["),
        Segment("No.", (9,)),
        Segment("]"),
    )


def test_a_reply_that_the_template_leaves_out_is_left_out() -> None:
    source = "{% for m in messages[1:] %}{{ m.content }}.{% endfor %}"
    assert ChatTemplate(source).segments([YO, HI]) == (Segment("Hi."),)


def test_a_model_without_a_template_goes_on_with_the_very_text_it_is_given() -> None:
    template = ChatTemplate(" ")
    assert template.render([HI]) == "Hi"
    assert template.render([SYSTEM, HI, YO, WHY]) == "Be brief.\n\nHiYo!\n\nWhy?"
    assert template.render([HI, YO], add_generation_prompt=False) == "HiYo!"
    assert [segment.ids for segment in template.segments([HI, YO, WHY])] == [(), (7, 8), ()]


def test_the_hash_is_that_of_the_source() -> None:
    assert re.fullmatch("[0-9a-f]{64}", ChatTemplate(CHATML).sha256)
    assert ChatTemplate(CHATML).sha256 == ChatTemplate(CHATML, "<s>").sha256
    assert ChatTemplate(CHATML).sha256 != ChatTemplate(STRICT).sha256


def test_jinja2_is_not_imported_before_the_first_prompt() -> None:
    code = (
        "import sys; from chatapp.text.chat_template import ChatTemplate; t = ChatTemplate('x');"
        "assert 'jinja2' not in sys.modules; t.render([]); assert 'jinja2' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
