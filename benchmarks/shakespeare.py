"""How well nanoGPT's recipe for a CPU is learned: tinyshakespeare by characters, 2,000 updates."""

from benchmarks import _learning, harness
from benchmarks.harness import Result
from chatapp.runs.recipe import Data, Model, Recipe, Training, Vocabulary
from chatapp.runs.source import Source

LONG = True
MODEL = Model(sizes={"block_size": 64, "n_layer": 4, "n_head": 4, "n_embd": 128})
TRAINING = Training(
    max_steps=2_000, batch_size=12, learning_rate=1e-3, min_learning_rate=1e-4, warmup_steps=100,
    beta2=0.99, weight_decay=0.1, grad_clip=1.0, eval_interval=250, precision="f32",
)  # fmt: skip


def measure() -> list[Result]:
    """The best loss over the whole text held out, its last tenth."""
    text = _learning.data("tinyshakespeare/input.txt")
    recipe = Recipe(
        data=Data(train=Source(kind="text", paths=(text,))),
        tokenizer=Vocabulary(kind="characters"),
        model=MODEL,
        training=TRAINING,
    )
    figures = _learning.learn(recipe)
    return [
        harness.limit(
            "shakespeare", "loss over the whole text held out", figures["loss"], "nats",
            reference="nanoGPT 1.905", at_most=1.91,
        )
    ]  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(harness.main(["shakespeare"]))
