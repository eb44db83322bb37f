import msgspec

from chatapp.errors import EngineError, Sentence, say


def test_a_sentence_is_plain_english_with_its_gaps_filled() -> None:
    inner = say("it ends at byte {n:,}", n=50_000)
    assert str(say("{file}: {what}.", file="a{0}b", what=inner)) == "a{0}b: it ends at byte 50,000."


def test_an_error_says_its_sentence() -> None:
    error = EngineError("no_model", say("There are {n} models.", n=0))
    assert str(error) == str(error.sentence) == "There are 0 models."


def test_a_sentence_travels_with_those_inside_it() -> None:
    sentence = say("{what} {n} {share}", what=say("one {file}", file="a"), n=2, share=0.5)
    assert msgspec.json.decode(msgspec.json.encode(sentence), type=Sentence) == sentence
