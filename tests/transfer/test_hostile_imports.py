"""Files that were damaged, or made to do harm: nothing crashes, nothing comes in by half."""

import json
import random
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from foreign_files import (
    chatgpt,
    only,
    openwebui,
    own_conversation,
    said,
    simple_chatgpt,
    take,
    write_json,
    write_zip,
    wrote,
)

from chatapp import paths
from chatapp.errors import TransferError
from chatapp.storage.records import Imported
from chatapp.storage.store import ConversationStore
from chatapp.transfer import json_items, sources, tree
from chatapp.transfer.history_json import packed
from chatapp.transfer.importing import MOST_LISTED, import_file
from chatapp.transfer.tree import Incoming
from chatapp.transfer.watch import Watch

N_FUZZED = 200


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "conversations.json"


@pytest.fixture
def store() -> Iterator[ConversationStore]:
    store = ConversationStore(paths.history_file())
    yield store
    store.close()


def templates() -> list[bytes]:
    """One good file of each kind."""
    gpt = [simple_chatgpt("1"), simple_chatgpt("2")]
    web = [openwebui(wrote("q", None, "user", "Hi"), wrote("a", "q", "assistant", "Hello"))]
    ours = f'{{"version":1,"conversations":[{packed(own_conversation()).decode()}]}}'
    return [json.dumps(gpt).encode(), json.dumps(web).encode(), ours.encode()]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The file with a few bytes, values or names changed, cut, or repeated."""
    result = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(result))
        action = chance.randrange(6)
        if action == 0:
            result[at] = chance.randrange(256)
        elif action == 1:
            del result[at : at + chance.randint(1, 40)]
        elif action == 2:
            result[at:at] = result[at : at + chance.randint(1, 400)]
        elif action == 3:
            result[at:at] = chance.choice([b"[", b"{", b"\x00", b"\xff", b"\\ud800", b"null", b'"'])
        elif action == 4:
            swap(result, chance)
        else:
            del result[chance.randrange(len(result) // 2, len(result)) :]
        if not result:
            break
    return bytes(result)


def swap(data: bytearray, chance: random.Random) -> None:
    """Put a value of another type where one stands, so that the JSON stays good."""
    places = [i for i in range(len(data) - 1) if data[i : i + 1] == b":"]
    if places:
        at = chance.choice(places) + 1
        end = min((i for i in (data.find(c, at) for c in b",]}") if i >= 0), default=len(data))
        data[at:end] = chance.choice([b"null", b"-5", b"1e300", b"[]", b"{}", b'"q"', b"true"])


def test_damaged_files_never_crash_and_nothing_comes_in_by_half(
    path: Path, store: ConversationStore
) -> None:
    chance = random.Random(7)
    n_imported = n_refused = n_listed = 0
    came: list[Incoming] = []

    def add(incoming: Incoming) -> Imported:
        came.append(incoming)
        return store.import_conversation(
            incoming.conversation, incoming.created_at, incoming.updated_at
        ).result()

    for number in range(N_FUZZED):
        store.erase([line.id for line in store.list_conversations().result()]).result()
        store.erase([line.id for line in store.list_conversations("archived").result()]).result()
        came.clear()
        path.write_bytes(mutated(templates()[number % 3], chance))
        try:
            report = import_file(path, add, Watch())
        except TransferError:
            n_refused += 1
            continue
        n_imported += report.n_imported
        n_listed += report.n_unread
        assert report.n_imported == len(came)
        counts = sorted(
            len(store.open_conversation(conversation_id).result().messages)
            for conversation_id in store.export_ids().result()
        )
        assert counts == sorted(len(entry.conversation.messages) for entry in came)
    assert min(n_imported, n_refused, n_listed) > 10  # of each kind there was something to see


def test_what_comes_before_a_damaged_place_is_kept(path: Path) -> None:
    write_json(path, [simple_chatgpt("1"), simple_chatgpt("2")])
    path.write_bytes(path.read_bytes()[:-40])
    came, report = take(path)
    assert len(came) == 1
    assert [str(problem) for problem in report.problems] == [
        "It ends in the middle; what should follow is missing."
    ]


@pytest.mark.parametrize("content", [b"", b"garbage", b"5", b"[", b"\x00" * 100, b"\xff\xfe[]"])
def test_a_file_without_conversations_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(TransferError):
        take(path)


def test_a_folder_or_a_missing_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(TransferError, match="cannot be read"):
            take(path)


def test_strange_members_are_listed_among_good_ones(path: Path) -> None:
    strange: list[Any] = [None, 5, "x", [], {}, {"mapping": {}}, {"mapping": 5}, {"messages": []}]
    came, report = take(write_json(path, [simple_chatgpt(), *strange]))
    assert (len(came), report.n_unread) == (1, len(strange))


def test_problems_are_all_counted_and_the_first_listed(path: Path) -> None:
    _, report = take(write_json(path, [5] * (MOST_LISTED + 1)))
    assert (report.n_unread, len(report.problems)) == (MOST_LISTED + 1, MOST_LISTED)


def test_a_byte_order_mark_is_no_damage(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps([simple_chatgpt()]).encode())
    only(path)


def test_characters_the_history_cannot_hold_are_left_out(path: Path) -> None:
    path.write_text(json.dumps([simple_chatgpt(title="a\x00b")]).replace("Because", "\\ud800"))
    conversation = only(path)
    assert conversation.title == "ab"
    conversation.messages[-1].content.encode()


def test_circles_in_a_tree_end_somewhere(path: Path) -> None:
    item = chatgpt(
        said("a", "c", "user", "One"),
        said("b", "a", "assistant", "Two"),
        said("c", "b", "user", "Three"),
        said("d", "d", "user", "Four"),
    )
    conversation = only(write_json(path, [item]))
    assert sorted(m.content for m in conversation.messages) == ["Four", "One", "Three", "Two"]
    assert conversation.path()


def test_a_tree_tangled_beyond_measure_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "MOST_WORK", 1_000_000)
    nodes = [said("a0", None, "assistant", "x")]
    for number in range(1, 500):
        nodes.append(said(f"a{number}", f"a{number - 1}", "assistant", "y" * 100))
        nodes.append(said(f"q{number}", f"a{number}", "user", "z"))
    _, report = take(write_json(path, [chatgpt(*nodes)]))
    assert (report.n_unread, "tangled" in str(report.problems[0])) == (1, True)


def test_a_very_long_conversation_is_no_problem(path: Path) -> None:
    nodes = [said("0", None, "user", "x")]
    for number in range(1, 5000):
        role = "assistant" if number % 2 else "user"
        nodes.append(said(str(number), str(number - 1), role, "y"))
    assert len(only(write_json(path, [chatgpt(*nodes)])).path()) == 5000


def test_deep_nesting_is_refused(path: Path) -> None:
    path.write_bytes(b"[" * 1_000_000)
    with pytest.raises(TransferError, match="nested deeper"):
        take(path)


def test_a_conversation_too_large_is_skipped_and_the_next_one_comes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_items, "MOST_EVENTS", 500)
    nodes = [said(str(n), None, "user", "x") for n in range(50)]
    came, report = take(write_json(path, [chatgpt(*nodes, id="big"), simple_chatgpt()]))
    assert (len(came), report.n_unread) == (1, 1)
    assert "larger than any" in str(report.problems[0])


def test_one_endless_text_is_never_held(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "ITEM_LIMIT", 1 << 20)
    path.write_bytes(b'[{"title": "' + b"x" * (4 << 20))
    with pytest.raises(TransferError, match="larger than any"):
        take(path)


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("conversations.json", "w") as member,
    ):
        for _ in range(100):
            member.write(b" " * (1 << 20))
    with pytest.raises(TransferError, match="far more"):
        take(path)


def test_paths_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../conversations.json", json.dumps([simple_chatgpt()]))
        archive.writestr("/etc/conversations.json", json.dumps([simple_chatgpt("2")]))
    came, _ = take(path)
    assert len(came) == 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["export.zip"]


def test_an_archive_without_conversations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TransferError, match=r"no conversations\.json"):
        take(write_zip(tmp_path / "x.zip", user__json={}))


def test_a_damaged_archive_gives_what_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        items = [simple_chatgpt(str(number)) for number in range(1000)]
        archive.writestr("conversations.json", json.dumps(items))
    data = bytearray(path.read_bytes())
    data[data.rindex(b"Because")] ^= 1  # the sum at its end no longer fits
    path.write_bytes(data)
    came, report = take(path)
    assert 900 < len(came) < 1000
    assert report.n_unread == 1


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_damaged_from_its_beginning_is_refused(tmp_path: Path, method: int) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("conversations.json", json.dumps([simple_chatgpt()] * 100))
    data = bytearray(path.read_bytes())
    begin = data.index(b"conversations.json") + len("conversations.json")
    for at in range(begin + 10, begin + 100):
        data[at] ^= 0xA5
    path.write_bytes(data)
    with pytest.raises(TransferError, match=r"damaged|cannot be read"):
        take(path)


@pytest.mark.parametrize("seconds", [float("inf"), float("nan"), 10**400, -1, True, "1"])
def test_what_is_no_time_is_told_from_one(seconds: object) -> None:
    assert tree.time_text(seconds, "unknown") == "unknown"


def test_cancelling_keeps_what_came_before(path: Path) -> None:
    write_json(path, [simple_chatgpt(str(number)) for number in range(1000)])
    came: list[Incoming] = []

    def add(incoming: Incoming) -> Imported:
        came.append(incoming)
        return "new"

    report = import_file(path, add, Watch(is_cancelled=lambda: len(came) > 5))
    assert report.was_cancelled
    assert 5 < report.n_imported == len(came) < 1000


def test_progress_rises_to_the_end(path: Path) -> None:
    told: list[float] = []
    write_json(path, [simple_chatgpt(str(number)) for number in range(1000)])
    import_file(path, lambda _: "new", Watch(told.append))
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 3


def test_a_large_file_is_never_held_as_a_whole(path: Path) -> None:
    item = json.dumps(simple_chatgpt()).encode()
    n_items = (8 << 20) // len(item)
    with path.open("wb") as file:
        file.write(b"[" + b",".join([item] * n_items) + b"]")
    tracemalloc.start()
    try:
        report = import_file(path, lambda _: "new", Watch())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert report.n_imported == n_items
    assert peak < 1 << 20
