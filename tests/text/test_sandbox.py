"""Templates that attack: nothing of theirs runs, and each is stopped in about a second."""

import sys
import time
from pathlib import Path

import pytest

from chatapp.chat import Message
from chatapp.errors import EngineError
from chatapp.text.chat_template import ChatTemplate

MESSAGES = [Message(role="user", content="hello")]

# Each tries to reach Python; CANARY is a file that only code of theirs could make.
ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__']['__mro__'] }}",
    "{{ ''|attr('__class__')|attr('__mro__') }}",
    "{{ ''|attr('\\x5f\\x5fclass\\x5f\\x5f')|attr('\\x5f\\x5fbase\\x5f\\x5f') }}",
    "{{ ''|attr('_' ~ '_class_' ~ '_') }}",
    "{{ [].__class__.__base__.__subclasses__()[0]('touch CANARY') }}",
    "{{ messages.__class__.__init__.__globals__ }}",
    "{{ self.__init__.__globals__.__builtins__.open('CANARY', 'w') }}",
    "{{ self._TemplateReference__context.cycler.__init__.__globals__.os.system('touch CANARY') }}",
    "{{ cycler.__init__.__globals__.os.popen('touch CANARY').read() }}",
    "{{ joiner.__init__.__globals__.os.system('touch CANARY') }}",
    "{{ namespace.__init__.__globals__.os.system('touch CANARY') }}",
    "{{ lipsum.__globals__['os'].popen('touch CANARY').read() }}",
    "{{ range.__class__ }}{{ dict.__base__.__subclasses__() }}",
    "{{ dict.mro() }}",
    "{{ raise_exception.__globals__.json.codecs.open('CANARY', 'w') }}",
    "{{ strftime_now.__globals__['datetime'].__subclasses__() }}",
    "{{ strftime_now.__code__.co_consts }}{{ raise_exception.__closure__[0] }}",
    "{% macro m() %}{% endmacro %}{{ m.__init__.__globals__ }}{{ m._func.__globals__ }}",
    "{{ loop }}{% for x in [1] %}{{ loop.__init__.__globals__.os.system('touch CANARY') }}"
    "{% endfor %}",
    "{{ (messages|map('upper')).gi_frame.f_globals }}",
    "{{ (messages|map('upper')).gi_frame.f_builtins['open']('CANARY', 'w') }}",
    "{{ undefined.__class__.__init__.__globals__.sys.modules.os.system('touch CANARY') }}",
    "{{ '{0.__class__.__mro__}'.format('') }}",
    "{{ '{0.__init__.__globals__}'.format(cycler) }}",
    "{{ '{x.__class__}'.format_map({'x': 1}) }}",
    "{{ ('{0.__class__}'|string).format(1) }}",
    # CVE-2024-56326 and CVE-2025-27516: a reference to str.format that reaches it unguarded.
    "{{ (['{0.__class__.__base__}']|map(attribute='format')|first)('') }}",
    "{% set f = '{0.__class__.__mro__}'.format %}{{ f('') }}",
    "{{ ('{0.__class__.__mro__}'|attr('format'))('') }}",
    "{{ ['']|map('attr', '__class__')|list }}",
    "{{ [{}]|map(attribute='__class__')|list }}{{ [{}]|groupby('__class__') }}",
    "{{ [cycler]|selectattr('__init__.__globals__.os')|list|join }}",
    "{{ [{}]|sort(attribute='__class__.__base__')|map(attribute='__init__.__globals__')|list }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}{{ os.system('touch CANARY') }}",
    "{% from 'os' import system %}{{ system('touch CANARY') }}",
    "{% extends '/etc/passwd' %}",
    "{% set messages.__class__ = 1 %}",
    "{{ messages.append({'role': 'x'}) }}{{ messages[0].update({'role': 'system'}) }}",
    "{{ messages.__setitem__(0, 1) }}{{ messages.clear() }}",
    "{% do messages.pop() %}",
    "{{ ''.join.__self__.__class__ }}{{ ''.encode().__class__ }}{{ 1.0.fromhex }}",
    "{{ request.application.__globals__ }}{{ config.items() }}{{ url_for.__globals__ }}",
    "{{ __import__('os').system('touch CANARY') }}{{ eval('1') }}{{ open('CANARY', 'w') }}",
    "{% debug %}",
]

# Each tries to run for hours or to fill the memory, many within one call of C code.
HOGS = [
    "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}",
    "{% for i in range(10**9) %}{% endfor %}",
    "{% macro m(n) %}{{ m(n - 1) }}{{ m(n - 1) }}{% endmacro %}{{ m(60) }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% for x in [[1]] recursive %}{{ loop([x, x]) }}{% endfor %}",
    "{{ 'a' * 10000000000 }}",
    "{{ 10000000000 * 'a' }}",
    "{{ 'a' * 100000 * 100000 }}",
    "{{ ([0] * 100000) * 100000 }}",
    "{{ 9 ** 9 ** 9 ** 9 }}",
    "{% set ns = namespace(n=9) %}{% for i in range(99) %}{% set ns.n = ns.n * ns.n %}{% endfor %}",
    "{% set ns = namespace(s='ab') %}{% for i in range(99) %}"
    "{% set ns.s = ns.s + ns.s %}{% endfor %}",
    "{% set ns = namespace(s='ab') %}{% for i in range(99) %}"
    "{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
    "{% set ns = namespace(s='ab') %}{% for i in range(99) %}"
    "{% set ns.s = [ns.s, ns.s]|join %}{% endfor %}",
    "{% set ns = namespace(s='ab') %}{% for i in range(99) %}"
    "{% set ns.s = ns.s.replace('a', ns.s) %}{% endfor %}",
    "{% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s %}{{ ns.s }}{{ ns.s }}"
    "{% endset %}{% endfor %}",
    "{% set ns = namespace(l=[1]) %}{% for i in range(99) %}"
    "{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
    "{% set ns = namespace(l=(1,)) %}{% for i in range(99) %}"
    "{% set ns.l = (ns.l, ns.l) %}{% endfor %}{{ ns.l == ns.l }}",
    "{% set ns = namespace(d={}) %}{% for i in range(99) %}"
    "{% set ns.d = {'a': ns.d, 'b': ns.d} %}{% endfor %}{{ ns.d|tojson }}",
    "{% set ns = namespace(d={}) %}{% for i in range(99) %}"
    "{% set ns.d = dict(a=ns.d, b=ns.d) %}{% endfor %}{{ ns.d|string }}",
    "{% set ns = namespace(d={}) %}{% for i in range(99) %}"
    "{% set ns.d = {'a': ns.d.items(), 'b': ns.d.items()} %}{% endfor %}{{ ns.d }}",
    "{% set s = 'a' * 200000 %}{% set ns = namespace(x=s) %}{{ [ns] * 90000 }}",
    "{% set ns = namespace(x='a' * 200000) %}{{ ([ns] * 90000)|join(attribute='x') }}",
    "{% set ns = namespace(x='a' * 200000) %}{{ ''.join(([ns] * 90000)|map(attribute='x')) }}",
    "{% set s = 'a' * 200000 %}{{ s.replace('a', s) }}",
    "{% set s = 'a' * 200000 %}{{ s|replace('a', s) }}",
    "{% set s = 'a' * 200000 %}{{ s.join(s) }}{{ s|join(s) }}",
    "{% set s = 'a' * 200000 %}{{ s|trim('b' * 200000 ~ 'a') }}",
    "{% set s = 'a' * 200000 %}{{ s.strip('b' * 200000 ~ 'a') }}",
    "{% set s = 'a' * 200000 %}{{ s.rfind('b' ~ s[:100000]) }}",
    "{% set s = '\\n' * 200000 %}{{ s|indent(100000, true, true) }}",
    "{% set s = 'a' * 200000 %}{% for i in range(99999) %}{{ s }}{% endfor %}",
    "{% set s = 'a' * 200000 %}{% for i in range(99999) %}"
    "{% if s in s ~ 'b' %}{% endif %}{% endfor %}",
    "{% set l = range(99999)|list %}{% for i in l if i in l[::-1] %}{% endfor %}",
    "{{ range(99999)|map('replace', '1', 'a' * 200000)|list|length }}",
    "{{ range(99999)|select('in', range(99999)|list)|list|length }}",
    "{{ range(99999)|map('string')|map('trim', 'b' * 90000)|list|length }}",
    "{{ '%1000000000d' % 1 }}{{ '%1000000000d'|format(1) }}",
    "{{ '%*d' % (1000000000, 1) }}",
    "{{ ('%s' * 90000) % (('a' * 90000,) * 90000) }}",
    "{{ '{:1000000000}'.format(1) }}",
    "{{ '{:{}}'.format(1, 1000000000) }}{{ '{:{x}}'.format_map({'x': 1000000000}) }}",
    "{{ ('{0}' * 90000).format('a' * 90000) }}",
    "{{ [1]|tojson(indent=1000000000) }}",
    "{{ 'a'.center(1000000000) }}{{ 'a'.zfill(1000000000) }}{{ '\\t'.expandtabs(1000000000) }}",
    "{{ 'a'|center(1000000000) }}",
    "{{ 1.5|round(1000000000, 'ceil') }}",
    "{{ [1]|batch(1000000000, 0)|list }}{{ [1]|slice(1000000000)|list }}",
    "{{ lipsum(n=1000000000) }}",
    "{{ ('[' * 100000)|list|sum(start=[]) }}",
    "{{ strftime_now('%1000000000Y' * 1000) }}",
    "{{ ('1' * 200000)|int }}{{ ('f' * 200000)|int(0, 16) // ('e' * 100000)|int(0, 16) }}",
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "{% if 1 %}" * 5000 + "{% endif %}" * 5000,
    "{% for i in [1] %}" * 30 + "{% endfor %}" * 30,
    "{{ " + "-" * 20000 + "1 }}",
    "{{ " + "1 + " * 20000 + "1 }}",
    "{{ " + "1 if 1 else " * 8000 + "1 }}",
    "{{ 'a'" + "|upper" * 15000 + " }}",
    "{{ a" + ".b" * 40000 + " }}",
    "{{ [" * 20000,
    "{#" * 40000 + "{{" * 9000,
    "x" * 10_000_000,
    " " * 90_000 + "{% if 1 %}" + " " * 9_000,
]


def outcome(source: str) -> str:
    try:
        return ChatTemplate(source).render(MESSAGES)
    except EngineError as error:
        return str(error)


def peak_memory() -> int:
    """Bytes, since the process began."""
    resource = pytest.importorskip("resource")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


@pytest.mark.parametrize("source", ESCAPES)
def test_a_template_reaches_nothing_of_python(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = outcome(source.replace("CANARY", str(tmp_path / "canary")))
    assert not list(tmp_path.glob("*canary*"))
    assert not any(word in text for word in ("<class", "<module", "<built-in", "root:"))


@pytest.mark.parametrize("source", HOGS)
def test_a_template_that_eats_time_or_memory_is_stopped(source: str) -> None:
    started, memory = time.thread_time(), peak_memory()
    outcome(source)
    assert time.thread_time() - started < 3.0  # one second, and what was under way when it was over
    assert peak_memory() - memory < 200 * 2**20
