"""Learn to reply: conversations in the model's own template, and only replies count.

A model without a template gets one, which is part of the model that comes out.

A reply is learned behind exactly the tokens that stand before it when the model is chatted with.

B batch, T time, V n_vocab.
"""

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from chatapp.chat import Message
from chatapp.errors import TrainingError, say
from chatapp.nn.gpt import GPT
from chatapp.nn.llama import Llama
from chatapp.nn.rnn import RNNLM
from chatapp.runs.run_folder import Sample
from chatapp.text.chat_template import ChatTemplate
from chatapp.text.tokenizer import Tokenizer
from chatapp.training.data.examples import Chat
from chatapp.training.networks import new_network
from chatapp.training.objectives.base import Batch, Loss, step_generator
from chatapp.training.objectives.rows import LengthBatches, Rows
from chatapp.training.preparing import Material, Prepared
from chatapp.training.sampling import continue_text

# For a model that has none. Each role has a line of its own: a tokenizer splits the first word of a
# line as it does in other texts.
_TEMPLATE = """\
{% for message in messages %}
{{ {'system': '', 'user': 'User:\\n', 'assistant': 'Assistant:\\n'}[message.role] }}
{{- message.content | trim }}{{ '\\n\\n' }}
{%- endfor %}
{{ 'Assistant:\\n' if add_generation_prompt }}"""
_IGNORED = -100  # the target of a token that is given, not learned
_MAX_LENGTH = 512  # tokens of an example, unless more are asked for
_EVAL_BATCH = 1  # the scores of a large vocabulary are most of the memory
_MULTIPLE = 64  # of tokens in a batch: oneDNN keeps about 20 MB of kernels for every other length
_N_WRITTEN = 120  # tokens of a sample


class ChatReplies:
    """See `Objective`.

    Args:
        train: Conversations to learn from.
        validation: Conversations held out.
        tokenizer: The model's.
        template: The model's.
        max_length: Tokens of an example at most; the beginning of a longer one is cut off.
        batch_size: Examples of an update.
        seed: Of the order.

    Raises:
        TrainingError: If no reply is left to learn from, or to evaluate on.
    """

    def __init__(
        self,
        train: Sequence[Chat],
        validation: Sequence[Chat],
        tokenizer: Tokenizer,
        template: ChatTemplate,
        *,
        max_length: int,
        batch_size: int,
        seed: int,
    ) -> None:
        self._tokenizer, self._template = tokenizer, template
        self._max_length, self._seed = max_length, seed
        self._validation = validation
        self._train = reply_rows(train, tokenizer, template, max_length)
        self._held_out = reply_rows(validation, tokenizer, template, max_length)
        if not len(self._train[0]) or not len(self._held_out[0]):
            raise TrainingError(say("There are too few conversations with a reply to learn from."))
        self._order = LengthBatches(self._train[0].lengths, batch_size, seed)
        self.n_train, self.n_validation = len(self._train[0]), len(self._held_out[0])

    def batch(self, step: int) -> Batch:
        """Conversations of about the same length: ids and the targets behind each, [B, T]."""
        return _padded(self._train, self._order.rows(step))

    def loss(self, model: nn.Module, batch: Batch) -> Loss:
        """The cross-entropy of every token of the replies, in nats."""
        targets = batch["targets"]
        is_reply = targets != _IGNORED
        places = _rounded_up(is_reply)
        logits = model(batch["ids"], places=places)  # (N, V)
        # In float32 the scores of all are most of the memory: some at a time, and once more in the
        # backward pass.
        parts = zip(
            torch.split(logits, _MULTIPLE), torch.split(targets[places], _MULTIPLE), strict=True
        )
        total = sum(
            checkpoint(_cross_entropy, *part, use_reentrant=False, preserve_rng_state=False)
            for part in parts
        )
        return Loss(total, is_reply.sum().float())

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """The loss of the replies held out."""
        device = next(model.parameters()).device
        total = n_tokens = 0.0
        for start in range(0, self.n_validation, _EVAL_BATCH):
            rows = list(range(start, min(start + _EVAL_BATCH, self.n_validation)))
            batch = _padded(self._held_out, rows)
            loss = self.loss(model, {name: one.to(device) for name, one in batch.items()})
            total += loss.total.item()
            n_tokens += loss.n_counted.item()
        return {"loss": total / n_tokens}

    def samples(self, model: nn.Module, step: int, n: int) -> list[Sample]:
        """Reply to what begins the first `n` conversations held out."""
        written = []
        for chat in self._validation[:n]:
            last = next(at for at, one in enumerate(chat.messages) if one.role == "assistant")
            given = chat.messages[:last]
            ids = _begun(self._template.render(given), self._tokenizer)[-self._max_length // 2 :]
            reply = continue_text(
                model, ids, _N_WRITTEN, self._max_length, step_generator(self._seed, step),
                end_ids=self._tokenizer.end_ids,
            )  # fmt: skip
            prompt = given[-1].content if given else ""
            written.append(Sample(step=step, prompt=prompt, text=self._tokenizer.decode(reply)))
        return written


def reply_rows(
    chats: Sequence[Chat], tokenizer: Tokenizer, template: ChatTemplate, max_length: int
) -> tuple[Rows, Rows]:
    """The ids of conversations, and the target behind each id: -100 where it is no reply's.

    Args:
        chats: Conversations.
        tokenizer: The model's.
        template: The model's.
        max_length: Ids of an example at most; the beginning of a longer one is cut off.
    """
    ids, targets = [], []
    for chat in chats:
        for pieces in _examples(chat.messages, tokenizer, template):
            whole = [id for piece, _ in pieces for id in piece]
            wanted = [id if is_reply else _IGNORED for piece, is_reply in pieces for id in piece]
            first = max(0, len(whole) - max_length - 1)
            if any(id != _IGNORED for id in wanted[first + 1 :]):
                ids.append(whole[first:-1])
                targets.append(wanted[first + 1 :])
    return Rows(ids), Rows(targets)


def _examples(
    messages: Sequence[Message], tokenizer: Tokenizer, template: ChatTemplate
) -> Iterator[list[tuple[list[int], bool]]]:
    """Cut a conversation into pieces of ids, each with whether it is a reply.

    It is one example, unless the template writes what was said differently later on: then the
    rest is another one.
    """
    pieces: list[tuple[list[int], bool]] = []
    text = ""
    for at, message in enumerate(messages):
        if message.role != "assistant":
            continue
        prompt = template.render(messages[:at])
        whole = template.render(messages[: at + 1], add_generation_prompt=False).rstrip()
        if not whole.startswith(prompt):
            continue  # the template takes no reply here
        if pieces and not prompt.startswith(text):
            yield pieces
            pieces = []
        given = prompt[len(text) :] if pieces else prompt
        ids = tokenizer.encode(given, special=True) if pieces else _begun(given, tokenizer)
        pieces += [(ids, False), (_reply(whole[len(prompt) :], tokenizer), True)]
        text = whole
    if pieces:
        yield pieces


def _begun(text: str, tokenizer: Tokenizer) -> list[int]:
    ids, first = tokenizer.encode(text, special=True), tokenizer.bos_id
    has_first = not tokenizer.adds_bos or first is None or ids[:1] == [first]
    return ids if has_first or first is None else [first, *ids]


def _reply(text: str, tokenizer: Tokenizer) -> list[int]:
    ids, last = tokenizer.encode(text, special=True), tokenizer.eos_id
    if last is not None and not (ids and tokenizer.is_end(ids[-1])):
        ids.append(last)
    return ids


def prepare(material: Material) -> Prepared:
    """Make the objective of a recipe.

    Raises:
        TrainingError: If the model writes no text, or there is nothing to learn from.
    """
    recipe, tokenizer, start = material.recipe, material.tokenizer, material.start
    options = recipe.training
    network = start.model if start else new_network(recipe.model, tokenizer.n_vocab, options.seed)
    if not isinstance(network, GPT | Llama | RNNLM):
        raise TrainingError(say("This model does not write text, so it cannot learn to reply."))
    source = (start.chat_template if start else "") or _TEMPLATE
    objective = ChatReplies(
        [one for one in material.train if isinstance(one, Chat)],
        [one for one in material.validation if isinstance(one, Chat)],
        tokenizer,
        ChatTemplate(source, tokenizer.bos, tokenizer.eos),
        max_length=min(recipe.objective.max_length or _MAX_LENGTH, network.config.block_size),
        batch_size=options.batch_size,
        seed=options.seed,
    )
    return Prepared(network, objective, tokenizer, source)


def _padded(pairs: tuple[Rows, Rows], rows: Sequence[int]) -> Batch:
    ids, targets = pairs
    missing = -max(ids.lengths[row] for row in rows) % _MULTIPLE
    return {
        "ids": F.pad(ids.padded(rows, 0), (0, missing)),
        "targets": F.pad(targets.padded(rows, _IGNORED), (0, missing), value=_IGNORED),
    }


def _cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(logits.float(), targets, reduction="sum", ignore_index=_IGNORED)


def _rounded_up(places: Tensor) -> Tensor:
    """Some places more of [B, T], so that their number is one of a few."""
    flat = places.flatten()
    missing = -int(flat.sum()) % _MULTIPLE
    return flat.index_fill(0, (~flat).nonzero()[:missing, 0], True).view_as(places)
