"""A BERT learns where answers stand, from files to the answerer saved."""

import json
import random

import pytest
import torch

from chatapp.errors import TrainingError
from chatapp.nn.bert import Bert, BertConfig, BertForQuestionAnswering
from chatapp.nn.gpt import GPT, GPTConfig
from chatapp.runs.recipe import Data, Model, Objective, Recipe, Training, Vocabulary
from chatapp.runs.run_folder import RunFolder
from chatapp.runs.source import Source
from chatapp.training.data.examples import Question
from chatapp.training.objectives.answers import Answers
from chatapp.training.predicting import answer_logits, answers_to
from chatapp.training.process import train
from chatapp.training.vocabulary import learn_tokenizer
from chatapp.training.windows import Windows
from chatapp.weights.checkpoint import save_checkpoint
from chatapp.weights.opening import open_model

WORDS = {"colour": ["red", "blue", "green", "white"], "thing": ["ball", "cup", "hat", "pen"]}
FILLERS = ["the", "one", "we", "saw", "in", "town", "was", "so", "old", "that"]
SIZES = {"block_size": 48, "n_layer": 1, "n_head": 2, "n_embd": 64, "dropout": 0.0}
OPTIONS = Training(
    max_steps=300, batch_size=32, learning_rate=2e-3, warmup_steps=10, eval_interval=100,
    precision="f32", weight_decay=0.0, seed=0,  # with some, either word stays as likely for long
)  # fmt: skip


def a_question(draw, n_fillers):
    """What is asked for, and a context with one word of each kind."""
    words = [draw.choice(of_kind) for of_kind in WORDS.values()]
    context = draw.choices(FILLERS, k=n_fillers) + words
    draw.shuffle(context)
    asked = draw.choice([*WORDS])
    return asked, " ".join(context), next(word for word in words if word in WORDS[asked])


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    draw = random.Random(0)
    file = tmp_path_factory.mktemp("data") / "questions.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        for _ in range(600):
            asked, context, answer = a_question(draw, draw.randint(3, 10))
            row = {"context": context, "question": asked, "answers": answer}
            lines.write(json.dumps(row) + "\n")
    return Source(kind="table", paths=(str(file),))


def run(path, source, model, options=OPTIONS, **objective):
    recipe = Recipe(
        name="small", data=Data(train=source), model=model, training=options,
        tokenizer=Vocabulary(kind="wordpiece", n_vocab=100),
        objective=Objective(kind="answers", **objective),
    )  # fmt: skip
    folder = RunFolder.create(path, recipe)
    assert train(folder).state == "done"
    return folder


@pytest.fixture(scope="module")
def learned(tmp_path_factory, source):
    """A run that learned to answer, and the answerer."""
    folder = run(
        tmp_path_factory.mktemp("runs") / "run", source, Model(architecture="bert", sizes=SIZES)
    )
    return folder, open_model(folder.result, torch.float32)


def test_a_bert_learns_where_the_answer_stands(learned):
    folder, opened = learned
    figures = [one.evaluation for one in folder.metrics() if one.evaluation][-1]
    assert figures["loss"] < 0.5
    assert figures["exact_match"] > 0.8
    assert figures["f1"] >= figures["exact_match"]
    assert opened.architecture == "bert_question_answering"
    context = "we saw one cup in a green town"
    found, nothing = answers_to(opened, [("colour", context), ("thing", "")])
    assert (found.text, found.start, found.end) == ("green", 20, 25)
    assert context[found.start : found.end] == "green"
    assert 0.5 < found.probability <= 1.0
    assert nothing == ("", 0, 0, 0.0)
    sample = folder.samples()[-1]
    assert sample.text in WORDS[sample.prompt]


def test_answers_are_found_beyond_the_first_window(learned):
    _, opened = learned
    draw = random.Random(1)
    n_right = 0
    for _ in range(10):
        asked, context, answer = a_question(draw, 150)
        (found,) = answers_to(opened, [(asked, context)])
        n_right += (found.text, found.start) == (answer, context.index(answer))
    assert n_right >= 7


def test_a_place_is_found_in_every_window_that_holds_all_of_it():
    context = "one two three four five six seven eight nine ten " * 8
    tokenizer = learn_tokenizer("wordpiece", [context], 200)
    windows = Windows(tokenizer, [("two?", "short"), ("ten?", context)], 32)
    start = context.index("ten one two", 200)
    held = []
    for row in range(1, len(windows)):
        first, last = windows.tokens_of(row, start, start + len("ten one two"))
        places = [place for place in windows.places[row] if place]
        is_whole = places[0][0] <= start and places[-1][1] >= start + len("ten one two")
        assert bool(first) == is_whole
        if is_whole:
            assert last == first + 2
            assert context[windows.places[row][first][0] : windows.places[row][last][1]] == (
                "ten one two"
            )
            held.append(row)
    assert len(held) in (1, 2)
    assert windows.owners[:2] == [0, 1]
    assert windows.tokens_of(0, 0, 5) != (0, 0)


def test_of_a_long_context_one_window_without_the_answer_is_learned_from():
    context = "in the old town we saw that " * 30 + "green hat"
    questions = [
        Question(context.replace("old", word), "colour", ("green",), (len(context) - 9,))
        for word in ("old", "one", "was")
    ]
    tokenizer = learn_tokenizer("wordpiece", [context, "one was colour"], 200)
    objective = Answers(questions, questions, tokenizer, size=32, batch_size=3, seed=0)
    assert len(Windows(tokenizer, [("colour", context)], 32)) > 6
    n_batches = 2  # of the six windows, and then they come again
    spans = torch.cat([objective.batch(step)["spans"] for step in range(n_batches)])
    assert sorted((spans[:, 0, 0] > 0).tolist()) == [False] * 3 + [True] * 3


def test_of_several_right_answers_any_will_do():
    context = "a red hat and a blue hat"
    questions = [
        Question(context, "colour", ("red", "blue", "red hat"), (2, 16, 2)),
        Question(context, "thing", ("hat",), (6,)),
    ]
    tokenizer = learn_tokenizer("wordpiece", [context, "colour thing"], 200)
    objective = Answers(questions, questions, tokenizer, size=32, batch_size=2, seed=0)
    network = BertForQuestionAnswering(BertConfig(tokenizer.n_vocab, 32, 1, 2, 16)).eval()
    batch = objective.batch(0)
    starts, ends = (one.softmax(dim=1) for one in answer_logits(network, batch))
    spans = [[span for span in row if span[0] > 0] for row in batch["spans"].tolist()]
    assert sorted(len(row) for row in spans) == [1, 3]
    likely = [
        sum(starts[row, first] * ends[row, last] for first, last in spans[row]) for row in (0, 1)
    ]
    loss = objective.loss(network, batch)
    torch.testing.assert_close(loss.total, -torch.stack(likely).log().sum() / 2)


def test_what_cannot_answer_is_refused(tmp_path, source):
    tokenizer = learn_tokenizer("wordpiece", FILLERS, 100)
    for name, network, words in (
        ("gpt", GPT(GPTConfig(200, 48, 1, 2, 16)), "reads one way only"),
        ("typeless", Bert(BertConfig(200, 48, 1, 2, 16, n_type=1)), "tell a question"),
        ("short", Bert(BertConfig(200, 24, 1, 2, 16)), "no room in 24 tokens"),
    ):
        save_checkpoint(tmp_path / name, network, tokenizer)
        with pytest.raises(TrainingError, match=words):
            run(tmp_path / f"run-{name}", source, Model(start=str(tmp_path / name)))
        with pytest.raises(TrainingError, match="finds no answers"):
            answers_to(open_model(tmp_path / name, torch.float32), [("a", "b")])
