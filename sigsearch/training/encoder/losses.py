"""The joint loss: the global reading gathers a writer, the local reading parts imitations."""

from __future__ import annotations

from typing import NamedTuple, get_args

import torch
from pytorch_metric_learning import losses, miners
from torch import Tensor, nn
from torch.nn import functional as F

from sigsearch.schema import Loss
from sigsearch.training.encoder.matcher import LocalMatcher
from sigsearch.training.encoder.network import Reading

LOSSES: tuple[str, ...] = get_args(Loss)


class GlobalLoss(nn.Module):
    """A metric-learning loss on the global vectors, by name."""

    def __init__(self, name: str = "supcon") -> None:
        super().__init__()
        self.miner: nn.Module | None = None
        if name == "supcon":
            self.loss: nn.Module = losses.SupConLoss(temperature=0.1)
        elif name == "triplet":
            self.loss = losses.TripletMarginLoss(margin=0.2)
            self.miner = miners.TripletMarginMiner(margin=0.2, type_of_triplets="semihard")
        elif name == "contrastive":
            self.loss = losses.ContrastiveLoss(pos_margin=0.2, neg_margin=1.0)
        elif name == "multisimilarity":
            self.loss = losses.MultiSimilarityLoss(alpha=2, beta=40, base=0.5)
            self.miner = miners.MultiSimilarityMiner(epsilon=0.1)
        else:
            raise ValueError(f"unknown loss {name!r}; known: {', '.join(LOSSES)}")

    def forward(self, vectors: Tensor, identity: Tensor) -> Tensor:
        mined = self.miner(vectors, identity) if self.miner is not None else None
        loss: Tensor = self.loss(vectors, identity, mined)
        return loss


class Pairs(NamedTuple):
    """Rows of a batch to compare locally; target 1 = the same writer; weight a pair."""

    left: Tensor
    right: Tensor
    target: Tensor
    weight: Tensor


_CANDIDATES = 8  # strangers that each genuine signature might be taken for, by the global reading
_STRANGERS = 2  # of these, as many as the local reading finds most alike


def choose_pairs(
    matcher: LocalMatcher, reading: Reading, slot: Tensor, genuine: Tensor, identity: Tensor
) -> Pairs:
    """Every genuine pair of a writer, every genuine with each imitation, and each genuine with the
    signatures of anybody else that both readings find hard."""
    same_slot = slot[:, None] == slot
    upper = torch.triu(torch.ones_like(same_slot), diagonal=1)
    own = genuine[:, None] & genuine & same_slot & upper
    imitation = genuine[:, None] & ~genuine & same_slot
    other = genuine[:, None] & ~same_slot & (identity[:, None] != identity)
    groups = (
        _group(own.nonzero(), 1.0, 1.0),
        _group(imitation.nonzero(), 0.0, 0.7),
        _group(_strangers(matcher, reading, other), 0.0, 0.5),
    )
    return Pairs(*(torch.cat(column) for column in zip(*groups, strict=True)))


@torch.no_grad()
def _strangers(matcher: LocalMatcher, reading: Reading, other: Tensor) -> Tensor:
    """Pairs (n, 2) of those allowed in `other`: for each row the hardest."""
    cosines = (reading.vectors @ reading.vectors.T).masked_fill(~other, -2)
    near = cosines.topk(min(_CANDIDATES, len(other)), dim=1).indices
    rows, places = other.gather(1, near).nonzero(as_tuple=True)
    columns = near[rows, places]
    score = torch.full(near.shape, -torch.inf, device=near.device)
    score[rows, places] = compare_rows(matcher, reading, rows, columns).float()
    hardest = score.topk(min(_STRANGERS, near.shape[1]), dim=1)
    rows, places = hardest.values.isfinite().nonzero(as_tuple=True)
    return torch.stack([rows, near[rows, hardest.indices[rows, places]]], 1)


def _group(pairs: Tensor, target: float, weight: float) -> Pairs:
    """Pairs (n, 2) of one kind, which share `weight` among them."""
    each = torch.ones(len(pairs), device=pairs.device)
    return Pairs(pairs[:, 0], pairs[:, 1], each * target, each * (weight / max(len(pairs), 1)))


def compare_pairs(matcher: LocalMatcher, reading: Reading, pairs: Pairs) -> Tensor:
    """The local logits (pairs,)."""
    return compare_rows(matcher, reading, pairs.left, pairs.right)


def compare_rows(matcher: LocalMatcher, reading: Reading, left: Tensor, right: Tensor) -> Tensor:
    """The local logits of rows `left` of a reading with rows `right`."""
    logits: Tensor = matcher(
        reading.tokens[left], reading.weights[left], reading.tokens[right], reading.weights[right]
    )
    return logits


def pair_loss(logits: Tensor, pairs: Pairs) -> Tensor:
    """Logistic loss of the local comparison over `pairs`: one reference."""
    each = F.binary_cross_entropy_with_logits(logits, pairs.target, reduction="none")
    return (each * pairs.weight).sum() / pairs.weight.sum()


class SetLoss(nn.Module):
    """Logistic loss over a writer's genuine signatures as one set of references: what a questioned
    signature scores against them on average, less a fitted share of how well they agree with one
    another, as the answers of the product are weighed. Each genuine signature is asked against the
    others, each imitation against all."""

    def __init__(self) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.tensor(1.0))
        self.agreement = nn.Parameter(torch.tensor(0.5))
        self.offset = nn.Parameter(torch.tensor(0.0))

    def forward(self, logits: Tensor, pairs: Pairs, slot: Tensor, genuine: Tensor) -> Tensor:
        count = len(slot)
        scores = logits.new_zeros(count, count)
        scores[pairs.left, pairs.right] = logits
        scores[pairs.right, pairs.left] = logits
        same = slot[:, None] == slot
        to_own = (same & genuine & ~torch.eye(count, dtype=torch.bool, device=slot.device)).float()
        own = (scores * to_own).sum(1)  # each image against the genuine ones of its slot
        references = to_own.sum(1)
        among = ((own * genuine)[:, None] * same).sum(0)  # each pair of genuine ones twice
        # A genuine signature is not among its own references.
        inner = among - 2 * own * genuine
        pairs_inside = references * (references - 1)
        agree = inner / pairs_inside.clamp(min=1)
        fused = own / references.clamp(min=1) - self.agreement * agree
        each = F.binary_cross_entropy_with_logits(
            self.slope * fused + self.offset, genuine.float(), reduction="none"
        )
        able = (pairs_inside > 0).float()
        parts = [able * genuine, able * ~genuine]
        return sum((each * p).sum() / p.sum().clamp(min=1) for p in parts) / 2  # type: ignore[return-value]
