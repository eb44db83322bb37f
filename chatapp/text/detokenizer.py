"""Bytes of tokens to text, as they come: a character is never cut in two.

Knows nothing about vocabularies; a token's bytes come from whoever has one.
"""

import codecs


class IncrementalDetokenizer:
    """Holds back the bytes of an unfinished character until the next token completes it.

    Bytes that can never become a character give U+FFFD, as everywhere in UTF-8.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def add(self, piece: bytes) -> str:
        """The characters that the bytes of the next token complete; often none or several."""
        return self._decoder.decode(piece)

    def finish(self) -> str:
        """What is left at the end of the reply: U+FFFD for a character that stayed unfinished."""
        return self._decoder.decode(b"", final=True)
