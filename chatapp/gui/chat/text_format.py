"""What is known of words in a document beyond how they look."""

from PySide6.QtGui import QTextCharFormat, QTextFormat

from chatapp.gui import theme

COLOUR = QTextFormat.Property.UserProperty.value  # the name of a palette colour
SOURCE = COLOUR + 1  # the formula, with its marks, that the words are or the drawing shows
CODE = COLOUR + 2  # whether the words are code
# And of a paragraph:
DEPTH = COLOUR + 3  # how many lists it stands in
QUOTE = COLOUR + 4  # how many quotations it stands in
MARKER = COLOUR + 5  # what stands before its first word
RULE = COLOUR + 6  # whether it is a line across the text
BARS = COLOUR + 7  # where the bars of its quotations stand, in pixels from where lines begin


def coloured(words: QTextCharFormat, colour_name: str) -> QTextCharFormat:
    """Words in a colour of the theme, whichever is in force."""
    words.setProperty(COLOUR, colour_name)
    words.setForeground(theme.colour(colour_name))
    return words
