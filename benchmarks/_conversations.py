"""Talk to measure with: a long conversation, and a reply that has everything in it."""

from chatapp.storage.records import StoredMessage

WORDS = "The sea is salty because rivers carry minerals out of the rocks into it. "
ANSWER = f"""{WORDS * 3}

- **First**, {WORDS}
- then `code` and [a link](https://example.org)

```python
def area(radius: float) -> float:
    return 3.14159 * radius**2  # {{n}}
```

{WORDS * 2}"""


def conversation(n_messages: int) -> list[StoredMessage]:
    """Questions and answers in turn."""
    return [
        message(n, ANSWER.replace("{n}", str(n)) if n % 2 else f"Question {n}: {WORDS}")
        for n in range(n_messages)
    ]


def message(number: int, content: str, **values: str) -> StoredMessage:
    """A question, or with an odd number an answer."""
    fields = {"status": "complete"} | values
    return StoredMessage(
        id=f"m{number}",
        conversation_id="c",
        parent_id=f"m{number - 1}" if number else None,
        role="assistant" if number % 2 else "user",
        content=content,
        created_at="2026-01-01T12:00:00+00:00",
        model_name="SmolLM2",
        **fields,  # type: ignore[arg-type]
    )


def long_reply() -> str:
    """100 KB of markdown: 60 pieces of code, a list of 2,000 items, a table of 1,000 rows."""
    code = "\n".join(f"value_{n} = compute({n}, 'text')  # a comment" for n in range(8))
    pieces = [f"## Part {n}\n\n{WORDS}\n\n```python\n{code}\n```\n\n" for n in range(60)]
    items = "".join(f"- item **{n}** of the list\n" for n in range(2_000))
    rows = "".join(f"| {n} | word {n} | `{n * n}` |\n" for n in range(1_000))
    return "".join(pieces) + items + "\n| n | word | square |\n|--:|---|---|\n" + rows + "\nEnd."


def rich_text(n_characters: int) -> str:
    """Words in every style, in paragraphs."""
    piece = f"{WORDS}**Bold** and *italic* and `code`.\n\n{WORDS}"
    return (piece * (n_characters // len(piece) + 1))[:n_characters]
