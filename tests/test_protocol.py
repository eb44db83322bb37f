import string
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp import protocol
from chatapp.chat import GenerationParams, Message
from chatapp.errors import ProtocolError, say
from chatapp.protocol import (
    Delta,
    Error,
    Generate,
    TokenLogprob,
    decode_event,
    decode_request,
    encode,
)

# Everything a message may hold: NULs, control characters, all of Unicode but lone surrogates.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
IDS = st.text(string.hexdigits, min_size=1, max_size=32)
TOKENS = st.lists(st.integers(0, 2**31 - 1)).map(tuple)

MESSAGES = st.builds(
    Message,
    role=st.sampled_from(["system", "user", "assistant"]),
    content=TEXTS,
    id=IDS,
    ids=TOKENS,
    keep=st.booleans(),
)
PARAMS = st.builds(
    GenerationParams,
    temperature=st.floats(0, 5),
    top_k=st.integers(0, 1000),
    seed=st.none() | st.integers(0, 2**32 - 1),
    stop=st.lists(TEXTS.filter(bool)).map(tuple),
    max_new_tokens=st.none() | st.integers(1, 10_000),
)
GENERATES = st.builds(
    Generate,
    id=IDS,
    messages=st.lists(MESSAGES).map(tuple),
    params=PARAMS,
    left_out=st.lists(IDS).map(tuple),
    prefill=TEXTS,
    logprobs=st.none() | st.integers(0, 100),
)
LOGPROBS = st.builds(
    TokenLogprob,
    id=st.integers(0, 10**6),
    text=TEXTS,
    logprob=st.floats(-1e9, 0),
    alternatives=st.just(()),
)
DELTAS = st.builds(
    Delta,
    id=IDS,
    text=TEXTS,
    reasoning=TEXTS,
    ids=TOKENS,
    logprobs=st.lists(LOGPROBS, max_size=3).map(tuple),
)


@given(GENERATES)
def test_a_request_survives_the_way(request: Generate) -> None:
    line = encode(request)
    assert line.index(b"\n") == len(line) - 1
    assert decode_request(line) == request


@given(DELTAS)
def test_an_event_survives_the_way(event: Delta) -> None:
    line = encode(event)
    assert line.index(b"\n") == len(line) - 1
    assert decode_event(line) == event


@given(st.binary())
def test_garbage_is_refused_and_nothing_else_happens(line: bytes) -> None:
    for decode in (decode_request, decode_event):
        with pytest.raises(ProtocolError):
            decode(line)


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b'{"type":"generate"}',
        b'{"type":"generate","id":"1","messages":[{"role":"robot","content":""}]}',
        b'{"type":"generate","id":"1","messages":[],"params":{"temperature":-1}}',
        b'{"type":"load","id":"1","path":5}',
        b'{"type":"invented","id":"1"}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_request_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError, match="Not a message"):
        decode_request(line)


@pytest.mark.parametrize(
    "message",
    [
        b'{"text":"{n} tokens"}',
        b'{"text":"{n} tokens","facts":{"n":{"text":"{m}"}}}',
        b'{"text":"{}"}',
        b'{"text":"{n.real.nothing}","facts":{"n":1}}',
        b'{"text":"{n:,}","facts":{"n":"many"}}',
        b'{"text":"{"}',
    ],
)
def test_an_error_that_cannot_be_said_is_refused(message: bytes) -> None:
    line = b'{"type":"error","id":"1","code":"internal","message":' + message + b"}"
    with pytest.raises(ProtocolError, match="Not a message"):
        decode_event(line)


def test_an_out_of_range_value_is_named() -> None:
    line = b'{"type":"generate","id":"1","messages":[],"params":{"top_p":7}}'
    with pytest.raises(ProtocolError, match="top_p is 7"):
        decode_request(line)


def test_fields_of_a_newer_version_are_ignored() -> None:
    line = b'{"type":"error","id":"1","code":"no_model","message":{"text":"m"},"colour":"red"}'
    assert decode_event(line) == Error(id="1", code="no_model", message=say("m"))


def test_every_message_has_a_type_of_its_own() -> None:
    messages = (*get_args(protocol.Request), *get_args(protocol.Event))
    tags = [message.__struct_config__.tag for message in messages]
    assert tags == [message.__name__.lower() for message in messages]
    assert len(set(tags)) == len(tags)
