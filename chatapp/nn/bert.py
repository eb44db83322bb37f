"""BERT: an encoder that looks both ways, and heads on top of it.

B batch, T time, C n_embd, V n_vocab, N labels.

Source: Devlin et al. 2018, "BERT: Pre-training of Deep Bidirectional Transformers for Language
Understanding", arXiv:1810.04805.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from chatapp.nn.attention import padding_mask
from chatapp.nn.layers import mean_of_tokens
from chatapp.nn.positions import LearnedPositions
from chatapp.nn.trace import Trace
from chatapp.nn.transformer import EncoderBlock


@dataclass(frozen=True)
class BertConfig:
    """Sizes of a BERT.

    Attributes:
        n_vocab: Tokens known (HF vocab_size).
        block_size: Positions it was built for (HF max_position_embeddings).
        n_layer: Layers (HF num_hidden_layers).
        n_head: Heads of each (HF num_attention_heads).
        n_embd: Width (HF hidden_size).
        d_ff: Width of the feed-forward network (HF intermediate_size); 0 means 4 * n_embd.
        n_type: Token types: which of two texts a token is of (HF type_vocab_size).
        activation: Of the feed-forward network (HF hidden_act): gelu, gelu_new or relu.
        norm_eps: Added to the variance (HF layer_norm_eps).
        dropout: Share dropped in training.

    Raises:
        ValueError: If a size is below 1, or the heads do not divide the width.
    """

    n_vocab: int
    block_size: int
    n_layer: int
    n_head: int
    n_embd: int
    d_ff: int = 0
    n_type: int = 2
    activation: str = "gelu"
    norm_eps: float = 1e-12
    dropout: float = 0.1

    def __post_init__(self) -> None:
        if self.d_ff == 0:
            object.__setattr__(self, "d_ff", 4 * self.n_embd)
        for name in ("n_vocab", "block_size", "n_layer", "n_head", "n_embd", "d_ff", "n_type"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.n_embd % self.n_head:
            raise ValueError(f"{self.n_head} heads do not divide the width {self.n_embd}")


# Published sizes, with the uncased English vocabulary.
PRESETS = {
    "bert-base": BertConfig(30522, 512, 12, 12, 768),
    "bert-large": BertConfig(30522, 512, 24, 16, 1024),
}


class Bert(nn.Module):
    """The encoder with its pooler.

    Names for loading, beside those of Hugging Face (without the `bert.` before them):

        token_embedding, position_embedding,  embeddings.{word_embeddings, position_embeddings,
            type_embedding                        token_type_embeddings}
        norm                                  embeddings.LayerNorm
        blocks.N.attention.qkv                encoder.layer.N.attention.self.{query, key, value},
                                                  their rows one below the other
        blocks.N.attention.out                encoder.layer.N.attention.output.dense
        blocks.N.norm1                        encoder.layer.N.attention.output.LayerNorm
        blocks.N.feed_forward.up              encoder.layer.N.intermediate.dense
        blocks.N.feed_forward.down            encoder.layer.N.output.dense
        blocks.N.norm2                        encoder.layer.N.output.LayerNorm
        pooler                                pooler.dense

    Args:
        config: Its sizes.
        has_pooler: Whether a whole text is to be judged by its first token.
    """

    def __init__(self, config: BertConfig, *, has_pooler: bool = True) -> None:
        super().__init__()
        self.config = config
        n_embd = config.n_embd
        self.token_embedding = nn.Embedding(config.n_vocab, n_embd)
        self.position_embedding = LearnedPositions(config.block_size, n_embd)
        self.type_embedding = nn.Embedding(config.n_type, n_embd)
        self.norm = nn.LayerNorm(n_embd, eps=config.norm_eps)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(
            EncoderBlock(
                n_embd,
                config.n_head,
                config.d_ff,
                activation=config.activation,
                norm_eps=config.norm_eps,
                dropout=config.dropout,
            )
            for _ in range(config.n_layer)
        )
        self.pooler = nn.Linear(n_embd, n_embd) if has_pooler else None
        self.apply(_init_weights)

    def forward(
        self,
        ids: Tensor,
        type_ids: Tensor | None = None,
        mask: Tensor | None = None,
        *,
        trace: Trace | None = None,
    ) -> Tensor:
        """Return what each token means where it stands.

        Args:
            ids: int64 [B, T]; the first token of each row stands for the whole, [CLS].
            type_ids: int64 [B, T], 0 for tokens of the first text and 1 for the second; None means
                that there is one text.
            mask: [B, T], False where there is padding; None without padding.
            trace: Where attention weights and hidden states go.

        Returns:
            [B, T, C].

        Raises:
            ValueError: If the shapes do not fit, or a text is longer than the block size.
        """
        if ids.dim() != 2:
            raise ValueError(f"Expected ids of shape [B, T], got {tuple(ids.shape)}")
        for name, given in (("type ids", type_ids), ("a mask", mask)):
            if given is not None and given.shape != ids.shape:
                raise ValueError(
                    f"Expected {name} of shape {tuple(ids.shape)}, got {tuple(given.shape)}"
                )
        type_ids = torch.zeros_like(ids) if type_ids is None else type_ids
        x = self.token_embedding(ids) + self.type_embedding(type_ids)  # (B, T, C)
        x = self.dropout(self.norm(x + self.position_embedding(ids.shape[1])))
        if trace is not None:
            trace.add_hidden(x)
        attends = None if mask is None else padding_mask(mask)
        for block in self.blocks:
            x = block(x, attends, trace)
            if trace is not None:
                trace.add_hidden(x)
        return x

    def pool(self, x: Tensor) -> Tensor:
        """Return the whole text's vector [B, C], made of its first token's, for [B, T, C].

        Raises:
            ValueError: If this encoder has no pooler.
        """
        if self.pooler is None:
            raise ValueError("Cannot pool: this encoder was made without a pooler")
        return torch.tanh(self.pooler(x[:, 0]))


def mean_pool(x: Tensor, mask: Tensor) -> Tensor:
    """Return the mean over the tokens of each text, of length 1: how texts are compared.

    Args:
        x: [B, T, C].
        mask: [B, T], zero or False where there is padding.

    Returns:
        [B, C].

    Raises:
        ValueError: If the shapes do not fit each other.

    Source: Reimers and Gurevych 2019, arXiv:1908.10084, section 3.
    """
    if mask.shape != x.shape[:2]:
        raise ValueError(f"Expected a mask of shape {tuple(x.shape[:2])}, got {tuple(mask.shape)}")
    weights = mask.to(x.dtype)[..., None]  # (B, T, 1)
    return F.normalize((x * weights).sum(dim=1), dim=-1)  # (B, C)


class BertForPretraining(nn.Module):
    """BERT as it is pre-trained: which token was masked, and whether the second text follows.

    Names for loading, beside those of Hugging Face:

        bert                   bert
        token_transform        cls.predictions.transform.dense
        token_norm             cls.predictions.transform.LayerNorm
        token_head             cls.predictions.decoder; its weight is the token embedding, its bias
                                   also called cls.predictions.bias
        next_sentence_head     cls.seq_relationship

    Source: Devlin et al. 2018, section 3.1.
    """

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.config = config
        self.bert = Bert(config)
        self.token_transform = nn.Linear(config.n_embd, config.n_embd)
        self.token_norm = nn.LayerNorm(config.n_embd, eps=config.norm_eps)
        self.token_head = nn.Linear(config.n_embd, config.n_vocab)
        self.next_sentence_head = nn.Linear(config.n_embd, 2)
        self.apply(_init_weights)
        self.tie_weights()

    def forward(
        self,
        ids: Tensor,
        type_ids: Tensor | None = None,
        mask: Tensor | None = None,
        *,
        trace: Trace | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return scores of each token [B, T, V], and whether the second text follows [B, 2].

        Of the two last, the first is the score of following. The arguments are those of
        `Bert.forward`. Where few positions are wanted, `token_logits` of those costs less.
        """
        x = self.bert(ids, type_ids, mask, trace=trace)
        return self.token_logits(x), self.next_sentence_head(self.bert.pool(x))

    def token_logits(self, x: Tensor) -> Tensor:
        """Return the scores [..., V] of the token at positions whose vectors are [..., C]."""
        return self.token_head(self.token_norm(F.gelu(self.token_transform(x))))

    def tie_weights(self) -> None:
        """Make the head's weight the token embedding again, as after tensors were assigned."""
        self.token_head.weight = self.bert.token_embedding.weight


class BertForSequenceClassification(nn.Module):
    """BERT with a score for each label of a text, or of a pair of texts.

    Names for loading: `bert`, and `head` for Hugging Face's `classifier`.

    Args:
        config: Its sizes.
        n_label: N.
        has_pooler: Whether a text is judged by its first token, as in the paper; otherwise by the
            mean of all its tokens, as sentence encoders are trained to.

    Source: Devlin et al. 2018, section 4.1; Reimers and Gurevych 2019, arXiv:1908.10084, section 3
    (the mean).
    """

    def __init__(self, config: BertConfig, n_label: int, *, has_pooler: bool = True) -> None:
        super().__init__()
        self.config = config
        self.bert = Bert(config, has_pooler=has_pooler)
        self.dropout = nn.Dropout(config.dropout)
        self.head = _label_head(config, n_label)

    def forward(
        self,
        ids: Tensor,
        type_ids: Tensor | None = None,
        mask: Tensor | None = None,
        *,
        trace: Trace | None = None,
    ) -> Tensor:
        """Return the scores of the labels, [B, N]; the arguments are those of `Bert.forward`."""
        x = self.bert(ids, type_ids, mask, trace=trace)  # (B, T, C)
        is_pooled = self.bert.pooler is not None
        x = self.bert.pool(x) if is_pooled else mean_of_tokens(x, mask)  # (B, C)
        return self.head(self.dropout(x))


class BertForTokenClassification(nn.Module):
    """BERT with a score for each label of each token.

    Names for loading: `bert`, and `head` for Hugging Face's `classifier`.

    Source: Devlin et al. 2018, section 5.3.
    """

    def __init__(self, config: BertConfig, n_label: int) -> None:
        super().__init__()
        self.config = config
        self.bert = Bert(config, has_pooler=False)
        self.dropout = nn.Dropout(config.dropout)
        self.head = _label_head(config, n_label)

    def forward(
        self,
        ids: Tensor,
        type_ids: Tensor | None = None,
        mask: Tensor | None = None,
        *,
        trace: Trace | None = None,
    ) -> Tensor:
        """Return the scores of the labels, [B, T, N]; the arguments are those of `Bert.forward`."""
        return self.head(self.dropout(self.bert(ids, type_ids, mask, trace=trace)))


class BertForQuestionAnswering(nn.Module):
    """BERT that marks the answer to a question, the first text, within a passage, the second.

    Names for loading: `bert`, and `head` for Hugging Face's `qa_outputs`.

    Source: Devlin et al. 2018, section 4.2.
    """

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.config = config
        self.bert = Bert(config, has_pooler=False)
        self.head = _label_head(config, 2)

    def forward(
        self,
        ids: Tensor,
        type_ids: Tensor | None = None,
        mask: Tensor | None = None,
        *,
        trace: Trace | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return the scores of each token as the answer's first and as its last, [B, T] each.

        The arguments are those of `Bert.forward`.
        """
        start, end = self.head(self.bert(ids, type_ids, mask, trace=trace)).unbind(dim=-1)
        return start, end


def _label_head(config: BertConfig, n_label: int) -> nn.Linear:
    if n_label < 1:
        raise ValueError(f"n_label must be at least 1, got {n_label}")
    head = nn.Linear(config.n_embd, n_label)
    _init_weights(head)
    return head


def _init_weights(module: nn.Module) -> None:
    """Draw weights as BERT does; source: Devlin et al. 2018, appendix A.2, and its code."""
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.trunc_normal_(module.weight, std=0.02, a=-0.04, b=0.04)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)
