import pytest
import torch
import transformers
from torch import Tensor, nn

from chatapp.nn.bert import (
    PRESETS,
    Bert,
    BertConfig,
    BertForPretraining,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertForTokenClassification,
    mean_pool,
)
from chatapp.nn.trace import Trace
from tests.nn.comparing import difference

CONFIG = BertConfig(41, 16, 3, 4, 32, 48, n_type=2, dropout=0.0)
OWN_NAMES = {
    "embeddings.word_embeddings": "token_embedding",
    "embeddings.position_embeddings": "position_embedding",
    "embeddings.token_type_embeddings": "type_embedding",
    "embeddings.LayerNorm": "norm",
    "encoder.layer": "blocks",
    "attention.output.dense": "attention.out",
    "attention.output.LayerNorm": "norm1",
    "intermediate.dense": "feed_forward.up",
    "output.dense": "feed_forward.down",
    "output.LayerNorm": "norm2",
    "pooler.dense": "pooler",
    "cls.predictions.transform.dense": "token_transform",
    "cls.predictions.transform.LayerNorm": "token_norm",
    "cls.predictions.decoder": "token_head",
    "cls.predictions.bias": "token_head.bias",
    "cls.seq_relationship": "next_sentence_head",
    "classifier": "head",
    "qa_outputs": "head",
}
FAMILY = {
    Bert: transformers.BertModel,
    BertForPretraining: transformers.BertForPreTraining,
    BertForSequenceClassification: transformers.BertForSequenceClassification,
    BertForTokenClassification: transformers.BertForTokenClassification,
    BertForQuestionAnswering: transformers.BertForQuestionAnswering,
}


def make(kind: type[nn.Module]) -> nn.Module:
    needs_labels = kind in (BertForSequenceClassification, BertForTokenClassification)
    return (kind(CONFIG, 5) if needs_labels else kind(CONFIG)).eval()


def make_pair(kind: type[nn.Module]) -> tuple[nn.Module, nn.Module]:
    """A random one of Hugging Face's, and ours with the same weights by the documented names."""
    theirs = FAMILY[kind](
        transformers.BertConfig(
            vocab_size=41,
            hidden_size=32,
            num_hidden_layers=3,
            num_attention_heads=4,
            intermediate_size=48,
            max_position_embeddings=16,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            num_labels=5 if kind is not BertForQuestionAnswering else 2,
        )
    ).eval()
    for parameter in theirs.parameters():  # Biases and norms that are not what they begin as.
        nn.init.normal_(parameter, mean=0.5 if parameter.dim() == 1 else 0.0, std=0.2)
    ours = make(kind)
    ours.load_state_dict(own_names(theirs.state_dict()))
    return ours, theirs


def own_names(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    renamed: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if ".attention.self." in name:
            if ".query." in name:
                qkv = [weights[name.replace("query", part)] for part in ("query", "key", "value")]
                name = name.replace("encoder.layer", "blocks").replace("self.query", "qkv")
                renamed[name] = torch.cat(qkv)
            continue
        for old, new in OWN_NAMES.items():
            name = name.replace(old, new)
        renamed[name] = weight
    return renamed


def padded_pair() -> tuple[Tensor, Tensor, Tensor]:
    """Ids, type ids and mask of three pairs of texts, two of them padded."""
    ids, places = torch.randint(41, (3, 12)), torch.arange(12)
    type_ids = (places >= torch.tensor([[5], [3], [12]])).long()
    return ids, type_ids, places < torch.tensor([[12], [7], [1]])


def outputs(model: nn.Module, *inputs: Tensor, trace: Trace | None = None) -> tuple[Tensor, ...]:
    made = model(*inputs, trace=trace)
    return made if isinstance(made, tuple) else (made,)


@pytest.mark.parametrize("is_traced", [False, True], ids=["fused", "written out"])
@pytest.mark.parametrize("kind", FAMILY)
def test_it_computes_what_transformers_computes(
    kind: type[nn.Module], is_traced: bool, device: torch.device
) -> None:
    ours, theirs = (model.to(device) for model in make_pair(kind))
    ids, type_ids, mask = (x.to(device) for x in padded_pair())
    made = outputs(ours, ids, type_ids, mask, trace=Trace() if is_traced else None)
    expected = theirs(ids, attention_mask=mask.long(), token_type_ids=type_ids).to_tuple()
    for a, b in zip(made, expected, strict=kind is not Bert):
        if a.dim() > 1 and a.shape[:2] == mask.shape:
            a, b = a[mask], b[mask]  # What stands in the padding is nobody's business.
        assert difference(a, b) <= 1e-5


def test_the_pooler_computes_what_transformers_computes() -> None:
    ours, theirs = make_pair(Bert)
    ids = padded_pair()[0]
    assert isinstance(ours, Bert)
    assert difference(ours.pool(ours(ids)), theirs(ids).pooler_output) <= 1e-5


def test_every_layer_is_the_same_in_transformers() -> None:
    ours, theirs = make_pair(Bert)
    ids, trace = padded_pair()[0], Trace()
    ours(ids, trace=trace)
    theirs.set_attn_implementation("eager")
    made = theirs(ids, output_hidden_states=True, output_attentions=True)
    for a, b in zip(trace.hidden, made.hidden_states, strict=True):
        assert difference(a, b) <= 1e-5
    for a, b in zip(trace.attention, made.attentions, strict=True):
        assert difference(a, b) <= 1e-5


def test_without_type_ids_there_is_one_text() -> None:
    model, ids = make(Bert), padded_pair()[0]
    assert torch.equal(model(ids), model(ids, torch.zeros_like(ids)))
    assert difference(model(ids), model(ids, torch.ones_like(ids))) > 1e-3


@pytest.mark.parametrize("kind", FAMILY)
def test_padding_makes_no_difference(kind: type[nn.Module]) -> None:
    model = make(kind)
    ids, type_ids, mask = padded_pair()
    other = torch.where(mask, ids, (ids + 1) % 41)
    alone = outputs(model, ids[1:2, :7], type_ids[1:2, :7])
    for given in (ids, other):
        for made, expected in zip(outputs(model, given, type_ids, mask), alone, strict=True):
            made = made[1:2, :7] if made.shape[:2] == ids.shape else made[1:2]
            assert difference(made, expected) <= 1e-5


def test_each_token_sees_both_ways() -> None:
    model, ids = make(Bert), padded_pair()[0][:1]
    changed = ids.clone()
    changed[0, 5] = (changed[0, 5] + 1) % 41
    moved = (model(ids) - model(changed)).abs().amax(dim=-1)
    assert (moved > 1e-6).all()


def test_a_trace_holds_every_layer_and_its_weights_leave_padding_out() -> None:
    model, trace = make(BertForPretraining), Trace()
    ids, type_ids, mask = padded_pair()
    model(ids, type_ids, mask, trace=trace)
    assert [tuple(x.shape) for x in trace.hidden] == [(3, 12, 32)] * 4
    assert [tuple(w.shape) for w in trace.attention] == [(3, 4, 12, 12)] * 3
    for weights in trace.attention:
        assert difference(weights.sum(dim=-1), torch.ones(3, 4, 12)) <= 1e-5
        assert not weights[1, :, :, 7:].any()


def test_the_masked_word_head_is_tied_and_may_be_asked_for_few_positions() -> None:
    model = make(BertForPretraining)
    assert isinstance(model, BertForPretraining)
    assert model.token_head.weight is model.bert.token_embedding.weight
    ids, type_ids, mask = padded_pair()
    x = model.bert(ids, type_ids, mask)
    is_asked = torch.rand(ids.shape) < 0.2
    logits, _ = model(ids, type_ids, mask)
    assert difference(model.token_logits(x[is_asked]), logits[is_asked]) <= 1e-5


def test_texts_are_compared_by_the_mean_of_their_tokens() -> None:
    x = torch.randn(2, 4, 6)
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])
    pooled = mean_pool(x, mask)
    for row, n in enumerate((4, 2)):
        mean = x[row, :n].mean(dim=0)
        assert difference(pooled[row], mean / mean.norm()) <= 1e-6
    with pytest.raises(ValueError, match=r"mask of shape \(2, 4\), got \(2, 3\)"):
        mean_pool(x, mask[:, :3])


@pytest.mark.parametrize(
    ("name", "published", "exact"),
    [("bert-base", 110e6, 109_482_240), ("bert-large", 340e6, 335_141_888)],
)
def test_presets_have_the_published_size(name: str, published: float, exact: int) -> None:
    with torch.device("meta"):
        model = Bert(PRESETS[name])
    n_parameter = sum(p.numel() for p in model.parameters())
    assert n_parameter == exact
    assert abs(n_parameter - published) / published < 0.02


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((41, 0, 1, 1, 8), "block_size must be at least 1, got 0"),
        ((41, 8, 1, 3, 8), "3 heads do not divide the width 8"),
        ((41, 8, 1, 1, 8, 16, -1), "n_type must be at least 1, got -1"),
    ],
)
def test_sizes_that_cannot_be_are_refused(sizes: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BertConfig(*sizes)


def test_shapes_that_do_not_fit_are_named() -> None:
    model, ids = make(Bert), torch.zeros(2, 6, dtype=torch.int64)
    with pytest.raises(ValueError, match=r"ids of shape \[B, T\], got \(6,\)"):
        model(ids[0])
    with pytest.raises(ValueError, match=r"type ids of shape \(2, 6\), got \(2, 5\)"):
        model(ids, ids[:, :5])
    with pytest.raises(ValueError, match=r"a mask of shape \(2, 6\), got \(1, 6\)"):
        model(ids, None, ids[:1])
    with pytest.raises(ValueError, match="17 positions, block size is only 16"):
        model(torch.zeros(1, 17, dtype=torch.int64))
    with pytest.raises(ValueError, match="made without a pooler"):
        Bert(CONFIG, has_pooler=False).pool(torch.zeros(1, 2, 32))
    with pytest.raises(ValueError, match="n_label must be at least 1, got 0"):
        BertForSequenceClassification(CONFIG, 0)


def test_it_learns_where_the_answer_stands() -> None:
    model = BertForQuestionAnswering(BertConfig(20, 8, 1, 2, 32, dropout=0.0))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    ids = torch.randint(2, 20, (16, 8))
    place = torch.arange(16) % 8
    ids[torch.arange(16), place] = 1
    for _ in range(100):
        start, end = model(ids)
        loss = nn.functional.cross_entropy(start, place) + nn.functional.cross_entropy(end, place)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1
