"""Where examples come from: files, and what stands where in them. Reads nothing."""

from typing import Literal

from msgspec import Struct

Kind = Literal["text", "table", "parallel", "squad", "chats"]
Role = Literal[
    "text",
    "label",
    "source",
    "target",
    "context",
    "question",
    "answers",
    "prompt",
    "response",
]


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Files of one kind.

    Any of them may be packed with gzip, its name then ends in .gz. All are UTF-8.

    Attributes:
        kind: text: a file is a document, a folder all its .txt and .md files.
            table: .tsv, .csv and .jsonl files, a row is an example.
            parallel: two files; each line of the second translates that line of the first.
            squad: questions in the JSON of SQuAD 1.1.
            chats: JSONL of {"messages": [{"role", "content"}, ...]}, as conversations are exported.
        paths: The files, or folders.
        columns: Of a table, which column holds what: by its name, or by its number from 1; without,
            the columns are called as the roles are. They make the example:
            text: Text; text and label: Labelled; source and target: Pair;
            context, question and answers: Question; prompt and response: Chat.
            Answers are a text, or in JSONL texts, or {"text", "answer_start"} as in SQuAD.
        has_header: Whether the first row of a TSV or CSV file names its columns.
    """

    kind: Kind
    paths: tuple[str, ...]
    columns: dict[Role, str | int] = {}
    has_header: bool = True
