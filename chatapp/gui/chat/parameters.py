"""What each sampling parameter does and when to change it, in plain words."""

from typing import NamedTuple

from PySide6.QtCore import QObject


class Parameter(NamedTuple):
    """How a number of `GenerationParams` is shown.

    `start` is what it begins with when it is switched on and its default is off.
    """

    name: str
    title: str
    words: str
    decimals: int = 0
    step: float = 1.0
    start: float = 0.0


class Parameters(QObject):
    """The words; a QObject for the sake of their translation."""

    def numbers(self) -> tuple[Parameter, ...]:
        """Every number, those first that are changed most often."""
        return (*self._choosing(), *self._repeating(), *self._surprising(), *self._ending())

    def stop_words(self) -> str:
        """What a stop string is for."""
        return self.tr(
            "The reply ends before any of these texts. One a line; \\n stands for a line break."
        )

    def off_words(self, name: str) -> str:
        """What it means that a parameter is off."""
        if name == "seed":
            return self.tr("a new one for each reply")
        if name == "max_new_tokens":
            return self.tr("no limit")
        return self.tr("off")

    def _choosing(self) -> tuple[Parameter, ...]:
        return (
            Parameter(
                "temperature",
                self.tr("Temperature"),
                self.tr(
                    "How often a less likely word is taken. Lower it for facts and code, raise it "
                    "for ideas; at 0 the likeliest word is always taken."
                ),
                2,
                0.05,
            ),
            Parameter(
                "top_k",
                self.tr("Top-k"),
                self.tr(
                    "Chooses among so many of the likeliest words only. Lower it when replies "
                    "wander off."
                ),
                start=40,
            ),
            Parameter(
                "top_p",
                self.tr("Top-p"),
                self.tr(
                    "Chooses among the likeliest words that together have this probability. Lower "
                    "it for replies that keep to the point."
                ),
                2,
                0.05,
                0.95,
            ),
            Parameter(
                "min_p",
                self.tr("Min-p"),
                self.tr(
                    "Leaves out words less likely than this share of the likeliest one. Raise it "
                    "when a high temperature brings nonsense."
                ),
                3,
                0.01,
                0.05,
            ),
            Parameter(
                "typical_p",
                self.tr("Typical-p"),
                self.tr(
                    "Prefers words about as surprising as the text usually is. Try 0.95 when "
                    "replies are flat; it is seldom needed."
                ),
                2,
                0.05,
                0.95,
            ),
        )

    def _repeating(self) -> tuple[Parameter, ...]:
        return (
            Parameter(
                "repeat_penalty",
                self.tr("Repeat penalty"),
                self.tr(
                    "Makes words that were just used less likely. Raise it a little when the model "
                    "goes round in circles; switch it off for code."
                ),
                2,
                0.05,
                1.1,
            ),
            Parameter(
                "presence_penalty",
                self.tr("Presence penalty"),
                self.tr(
                    "Makes every word that was used at all less likely. Raise it to get on to new "
                    "subjects."
                ),
                2,
                0.1,
                0.5,
            ),
            Parameter(
                "frequency_penalty",
                self.tr("Frequency penalty"),
                self.tr(
                    "Makes a word less likely the more often it was used. Raise it against "
                    "favourite words."
                ),
                2,
                0.1,
                0.5,
            ),
            Parameter(
                "penalty_last_n",
                self.tr("Penalties look back"),
                self.tr(
                    "How many tokens the three penalties above remember. -1 is the whole context."
                ),
                step=16,
            ),
            Parameter(
                "dry_multiplier",
                self.tr("DRY strength"),
                self.tr(
                    "Stops the model from repeating whole phrases, however long ago they were. Try "
                    "0.8 when it writes the same sentences again."
                ),
                2,
                0.1,
                0.8,
            ),
            Parameter(
                "dry_base",
                self.tr("DRY growth"),
                self.tr(
                    "How much harder DRY gets with every further word of a repetition. Seldom "
                    "needs a change."
                ),
                2,
                0.05,
            ),
            Parameter(
                "dry_allowed_length",
                self.tr("DRY allowed length"),
                self.tr(
                    "Repetitions of up to so many tokens are let through. Raise it when names and "
                    "set phrases come out wrong."
                ),
            ),
            Parameter(
                "dry_penalty_last_n",
                self.tr("DRY looks back"),
                self.tr("How many tokens DRY remembers. -1 is the whole context."),
                step=64,
            ),
        )

    def _surprising(self) -> tuple[Parameter, ...]:
        return (
            Parameter(
                "xtc_probability",
                self.tr("XTC probability"),
                self.tr(
                    "How often the most likely words are left out, so that a rarer one has a "
                    "chance. Try 0.5 for stories; leave it off for facts."
                ),
                2,
                0.05,
                0.5,
            ),
            Parameter(
                "xtc_threshold",
                self.tr("XTC threshold"),
                self.tr(
                    "How likely a word has to be for XTC to leave it out. Above 0.5 it never does."
                ),
                2,
                0.05,
            ),
        )

    def _ending(self) -> tuple[Parameter, ...]:
        return (
            Parameter(
                "seed",
                self.tr("Seed"),
                self.tr(
                    "The same seed and the same question give the same reply. Set it to repeat or "
                    "compare."
                ),
                start=1,
            ),
            Parameter(
                "max_new_tokens",
                self.tr("Longest reply, in tokens"),
                self.tr(
                    "The reply is cut off here. Set it on a slow computer; a token is about three "
                    "quarters of a word."
                ),
                step=64,
                start=512,
            ),
        )
