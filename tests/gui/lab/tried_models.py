"""Writes four tiny models that have learned a handful of examples by heart, to be tried.

Run in a process of its own, for the window's tests know no torch: `python tried_models.py FOLDER`.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from chatapp.nn.bert import BertConfig, BertForQuestionAnswering, BertForSequenceClassification
from chatapp.nn.seq2seq import Seq2Seq, Seq2SeqConfig
from chatapp.nn.transformer import Transformer, TransformerConfig
from chatapp.training.predicting import answer_logits
from chatapp.training.vocabulary import learn_tokenizer
from chatapp.training.windows import Windows
from chatapp.weights.checkpoint import save_checkpoint

LABELLED = {"win a prize now": 0, "free money for you": 0, "see you at home": 1, "lunch at two": 1}
PAIRS = {
    "the cat is old": "el gato es viejo",
    "the oak is old": "el roble es viejo",
    "the cat is good": "el gato es bueno",
    "the oak is good": "el roble es bueno",
}
CONTEXT = "😀 The old oak stands by the river. The grey cat sleeps on the roof."
ASKED = {"What stands by the river?": "old oak", "What sleeps on the roof?": "grey cat"}


def learn(network: nn.Module, loss: Callable[[], Tensor], n_steps: int) -> None:
    network.train()
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    for _ in range(n_steps):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
    network.eval()


def save_classifier(folder: Path) -> None:
    tokenizer = learn_tokenizer("wordpiece", LABELLED, 120)
    network = BertForSequenceClassification(BertConfig(tokenizer.n_vocab, 64, 1, 2, 16), 2)
    rows = [torch.tensor([tokenizer.encode_marked(text).ids]) for text in LABELLED]
    wanted = torch.tensor(list(LABELLED.values()))
    learn(network, lambda: cross_entropy(torch.cat([network(one) for one in rows]), wanted), 40)
    save_checkpoint(folder, network, tokenizer, labels=("spam", "ham"))


def save_translators(transformer: Path, recurrent: Path) -> None:
    tokenizer = learn_tokenizer("bpe", [*PAIRS, *PAIRS.values()], 300)
    bos, eos = tokenizer.bos_id, tokenizer.eos_id
    rows = [
        (
            torch.tensor([[*tokenizer.encode(source), eos]]),
            torch.tensor([[bos, *tokenizer.encode(target), eos]]),
        )
        for source, target in PAIRS.items()
    ]

    def loss(network: nn.Module) -> Tensor:
        losses = [
            cross_entropy(network(source, target[:, :-1])[0], target[0, 1:])
            for source, target in rows
        ]
        return torch.stack(losses).mean()

    n = tokenizer.n_vocab
    one = Transformer(TransformerConfig(n, 1, 2, 32, dropout=0.0))
    learn(one, lambda: loss(one), 80)
    save_checkpoint(transformer, one, tokenizer)
    other = Seq2Seq(Seq2SeqConfig(n, n, 1, 16, 24, "gru"))
    learn(other, lambda: loss(other), 60)
    save_checkpoint(recurrent, other, tokenizer)


def save_finder(folder: Path) -> None:
    tokenizer = learn_tokenizer("wordpiece", [CONTEXT, *ASKED], 160)
    network = BertForQuestionAnswering(BertConfig(tokenizer.n_vocab, 128, 1, 2, 32))
    windows = Windows(tokenizer, [(question, CONTEXT) for question in ASKED], 128)
    spans = []
    for row, answer in enumerate(ASKED.values()):
        start = CONTEXT.index(answer)
        end = start + len(answer)
        inside = [
            number
            for number, place in enumerate(windows.places[row])
            if place is not None and start <= place[0] and place[1] <= end
        ]
        spans.append((inside[0], inside[-1]))
    starts, ends = (torch.tensor(one) for one in zip(*spans, strict=True))

    def loss() -> Tensor:
        first, last = answer_logits(network, windows.batch(range(len(ASKED))))
        return cross_entropy(first, starts) + cross_entropy(last, ends)

    learn(network, loss, 60)
    save_checkpoint(folder, network, tokenizer)


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(0)
    models = Path(sys.argv[1])
    save_classifier(models / "classifier")
    save_translators(models / "translator", models / "recurrent")
    save_finder(models / "finder")
