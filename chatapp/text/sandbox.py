"""Where the chat template of a model file runs: it is a program that strangers wrote.

Jinja2's immutable sandbox keeps it from reaching Python. What is added here keeps it from eating
the machine: at every block, call, operator, literal, filter and test it is asked for the time, and
whatever one of these can make or walk through is bounded beforehand. So it ends soon after its time
is over, without threads, signals or tracing. Knows nothing about conversations.
"""

import json
import re
import time
from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, ValuesView
from datetime import datetime
from functools import wraps
from math import inf
from typing import Any, NoReturn, TypeVar

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension
from jinja2.filters import make_attrgetter
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

_LISTS = (list, tuple, set, frozenset, KeysView, ValuesView, ItemsView)
_BUILTINS = (str, bytes, int, float, dict, range, *_LISTS)
# What chat templates use, of the methods of Python's own types and of jinja2's filters.
# fmt: off
_METHODS = {
    "capitalize", "casefold", "count", "endswith", "find", "format", "format_map", "get",
    "index", "isalnum", "isalpha", "isdigit", "islower", "isspace", "isupper", "items", "join",
    "keys", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rfind",
    "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase",
    "title", "upper", "values",
}
_FILTERS = {
    "abs", "attr", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first",
    "float", "groupby", "int", "items", "last", "length", "list", "lower", "map", "max", "min",
    "reject", "rejectattr", "reverse", "safe", "select", "selectattr", "sort", "string",
    "title", "unique", "upper",
}
# fmt: on
_GROWING_FILTERS = {"indent", "replace", "tojson", "trim"}
_GLOBALS = {"range", "dict", "cycler", "joiner"}

_Result = TypeVar("_Result")


class Refusal(Exception):  # noqa: N818 - the template's own word for it is raise_exception
    """The template says that it cannot take these messages."""


class Bounds:
    """How long a template may run, and how much it may make.

    All it gets from us is within the limit, and so is each value it makes of that; all texts it
    makes have 256 times the limit together. Numbers have at most 1,024 bits. Containers count as
    long as they would be written out: a list that holds the same list twice, and so on, is soon too
    long.
    """

    def __init__(self) -> None:
        self.start(0, 0)

    def start(self, seconds: float, limit: int) -> None:
        """Begin a run of so many seconds of processor time, with so many characters a value."""
        self._end = time.monotonic() + seconds
        self._cpu_end = time.thread_time() + seconds
        self._limit = limit
        self._made = 0  # characters in all

    def tick(self) -> None:
        """End the run when its time is over."""
        # The cheap clock first; the other one, so that a busy machine does not end an honest run.
        if time.monotonic() > self._end and time.thread_time() > self._cpu_end:
            raise TimeoutError

    def sized(self, value: _Result) -> _Result:
        """Pass on what was just made, unless it is too long."""
        self.tick()
        if isinstance(value, str):
            self._made += len(value)
            self.need(max(len(value), self._made / 256))
        else:
            self.need(self.size(value))
        return value

    def need(self, size: float) -> None:
        """Refuse what is longer than the limit."""
        if size > self._limit:
            _refuse("it makes more text than the conversation can ask for")

    def need_work(self, *values: Any) -> None:
        """Bound what joining, repeating, replacing or searching of one in another can take."""
        *smaller, largest = sorted(abs(v) if isinstance(v, int) else self.size(v) for v in values)
        self.need(max(largest, largest * (1 + sum(smaller)) / 64))

    def need_format(self, text: str, values: Any) -> None:
        """Bound what `text % values` or `text.format(values)` can become."""
        if re.search(r"%[-#0 +\d.]*\*|\{[^{}]+\{", text):
            _refuse("it computes the width of a format")
        self.need(sum(map(float, re.findall(r"\d+", text))))
        self.need((text.count("%") + text.count("{")) * self.size(values) / 64)

    def size(self, value: Any) -> float:
        """Characters and items in `value`, counted up to the limit."""
        size: float = 0
        waiting = [value]
        while waiting and size <= self._limit:
            item = waiting.pop()
            size += 1
            if isinstance(item, str | bytes):
                size += len(item)
            elif isinstance(item, int):
                size += inf if item.bit_length() > 1024 else 0
            elif isinstance(item, _LISTS):
                size += len(item)
                waiting.extend(item)
            elif isinstance(item, dict):
                size += len(item)
                waiting.extend(item)
                waiting.extend(item.values())
        return size


class Sandbox(ImmutableSandboxedEnvironment):
    """Compiles and runs templates, one at a time.

    Set up as the `transformers` library does, so that a template gives the same text; only the
    filters and methods that chat templates use are there.
    """

    intercepted_binops = frozenset(["+", "*", "**", "%"])

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.loopcontrols", _Generation],
        )
        self.code_generator_class = _Generator
        self.bounds = Bounds()
        known: dict[str, Any] = self.filters | {"tojson": _to_json}
        self.filters = {name: self._bounded(known[name]) for name in _FILTERS}
        for name in _GROWING_FILTERS:
            self.filters[name] = self._bounded(self._growing(known[name]))
        self.filters |= {"format": self._format, "join": self._join}
        self.tests = {name: self._bounded(test) for name, test in self.tests.items()}
        self.globals = {name: self.globals[name] for name in _GLOBALS} | {
            "namespace": _Namespace,
            "raise_exception": _raise_exception,
            "strftime_now": _strftime_now,
        }

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Of Python's own types, only methods that read or give a new text."""
        if isinstance(obj, _BUILTINS):
            return attr in _METHODS
        return super().is_safe_attribute(obj, attr, value)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Every call of a method, macro or function."""
        owner = getattr(obj, "__self__", None)
        if isinstance(owner, str):
            args = tuple(list(arg) if isinstance(arg, Iterator) else arg for arg in args)
            self.bounds.need_work(owner, *args)
        return self.bounds.sized(super().call(context, obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """The operators that can make something long."""
        if operator == "**":
            _refuse("it uses powers")
        if operator == "%" and isinstance(left, str):
            self.bounds.need_format(left, right)
        if operator == "*" and not (
            isinstance(left, int | float) and isinstance(right, int | float)
        ):
            self.bounds.need_work(left, right)
        return self.bounds.sized(super().call_binop(context, operator, left, right))

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """`str.format`, which may ask for any width."""
        wrapped = super().wrap_str_format(value)
        if wrapped is None:
            return None

        def bounded(*args: Any, **kwargs: Any) -> str:
            self.bounds.need_format(value.__self__, (args, kwargs))
            return wrapped(*args, **kwargs)

        return bounded

    def concat(self, texts: Iterable[str]) -> str:
        """The joining of an output, a block, a macro and of `~`."""
        pieces = []
        length = 0
        for text in texts:
            pieces.append(text)
            length += len(text)
            self.bounds.need(length)
        return self.bounds.sized("".join(pieces))

    def _bounded(self, function: Any) -> Callable[..., Any]:
        @wraps(function)
        def bounded(*args: Any, **kwargs: Any) -> Any:
            return self.bounds.sized(function(*args, **kwargs))

        return bounded

    def _growing(self, function: Any) -> Callable[..., Any]:
        @wraps(function)
        def growing(*args: Any, **kwargs: Any) -> Any:
            self.bounds.need_work(*args, *kwargs.values())
            return function(*args, **kwargs)

        return growing

    def _format(self, text: Any, *args: Any, **kwargs: Any) -> str:
        self.bounds.need_format(str(text), kwargs or args)
        return self.bounds.sized(str(text) % (kwargs or args))

    def _join(self, values: Iterable[Any], separator: Any = "", attribute: Any = None) -> str:
        if attribute is not None:
            values = map(make_attrgetter(self, attribute), values)
        pieces = []
        for value in values:
            pieces += [str(separator), str(value)]
        return self.concat(pieces[1:])


def _through_bounds(visit: Callable[..., None]) -> Callable[..., None]:
    @wraps(visit)
    def visit_through_bounds(self: CodeGenerator, node: nodes.Expr, frame: Frame) -> None:
        if getattr(node, "ctx", "load") != "load":  # an assignment's target
            return visit(self, node, frame)
        self.write("environment.bounds.sized(")
        visit(self, node, frame)
        self.write(")")
        return None

    return visit_through_bounds


class _Generator(CodeGenerator):
    """Puts the bounds where a sandbox by itself is not asked."""

    visit_List = _through_bounds(CodeGenerator.visit_List)  # noqa: N815 - named by jinja2
    visit_Tuple = _through_bounds(CodeGenerator.visit_Tuple)  # noqa: N815
    visit_Dict = _through_bounds(CodeGenerator.visit_Dict)  # noqa: N815
    visit_Compare = _through_bounds(CodeGenerator.visit_Compare)  # noqa: N815
    visit_Getitem = _through_bounds(CodeGenerator.visit_Getitem)  # noqa: N815

    def blockvisit(self, nodes: Iterable[nodes.Node], frame: Frame) -> None:
        self.writeline("environment.bounds.tick()")
        super().blockvisit(nodes, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        self.write("environment.concat(map(str, (")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write(")))")


class _Generation(Extension):
    """`{% generation %}` marks what a model is trained on; here it only holds its contents."""

    tags = {"generation"}  # noqa: RUF012 - declared so by jinja2

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Namespace(Namespace):
    """Written out without its contents, so that it counts as one wherever it is held."""

    def __repr__(self) -> str:
        return "<namespace>"


def _refuse(reason: str) -> NoReturn:
    """Stop a template that asks for too much."""
    raise SecurityError(reason)


def _raise_exception(message: object) -> NoReturn:
    raise Refusal(str(message))


def _strftime_now(form: str) -> str:
    return datetime.now().strftime(form)


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    # Jinja2's own escapes <, > and & for HTML, which would change what a model reads.
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )
