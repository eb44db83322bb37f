"""The full bundle trains a model, measures it, writes it for llama.cpp and chats with it."""

from pathlib import Path

from tests_bundle.program import clean_environment, run

RECIPE = """
name = "Bells"
data = { train = { kind = "text", paths = ["bells.txt"] } }
tokenizer = { n_vocab = 300 }
objective = { kind = "next_token" }

[model]
architecture = "llama"
sizes = { block_size = 64, n_layer = 1, n_head = 2, n_kv_head = 2, n_embd = 32, d_ff = 64 }

[training]
max_steps = 20
warmup_steps = 2
eval_interval = 10
"""


def test_a_model_is_trained_measured_exported_and_asked(
    full_bundle: Path, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "bells.txt").write_text("The bells ring over the town at noon. " * 200)
    (tmp_path / "recipe.toml").write_text(RECIPE)
    folder, file = tmp_path / "run", tmp_path / "bells.gguf"

    def chatapp(*arguments: str) -> str:
        command = [str(full_bundle / "chatapp"), *arguments]
        return run(command, env=clean_environment(home), check=True).stdout

    assert "Done after 20 steps" in chatapp(
        "train", str(tmp_path / "recipe.toml"), "--folder", str(folder)
    )
    assert "perplexity" in chatapp("evaluate", str(folder))
    chatapp("export", str(folder / "result"), str(file))
    assert chatapp("ask", "The bells", "--model", str(file)).strip()
