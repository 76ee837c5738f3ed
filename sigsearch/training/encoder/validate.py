"""Quick figures on validation writers, by which a checkpoint is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sigsearch.arrays import Floats
from sigsearch.matching.fusion import FusionWeights, fuse
from sigsearch.matching.local import DEFAULT_PAIR
from sigsearch.metrics import eer
from sigsearch.training.encoder.augment import shrink
from sigsearch.training.encoder.matcher import LocalMatcher
from sigsearch.training.encoder.network import Reading, SignatureNetwork, canvas_of
from sigsearch.training.packed import PackedImages
from sigsearch.training.precision import mixed_precision
from sigsearch.trials.drawing import WriterRows

_REFERENCES = 4
_AGREEING = FusionWeights(sharpness=0.0, own=1.0, strength=0.0, plain=0.0)
_STRANGERS = 12  # signatures of other writers asked against each writer
_COMMON = (0.0, 0.1, 0.2, 0.3)
_GLOBAL_WEIGHTS = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)


@dataclass(frozen=True, slots=True)
class Figures:
    """EER (0..1) by source: {"cedar": {"global 1": ..., "local 1": ..., "local 4 own": ...,
    "random 1": ...}}, against skilled forgeries but for the last, which is the local reading's
    against random ones; 1 and 4 are numbers of references, "own" is relative to how well the
    references agree with one another. Sources without four references lack that, those of one
    writer the last, those without imitations all but the last."""

    eer: dict[str, dict[str, float]]

    @property
    def summary(self) -> float:
        """The mean over sources of the local EER against skilled forgeries with one reference and
        with four; against random ones where no source has others."""
        rows = [[v for k, v in by.items() if k.startswith("local")] for by in self.eer.values()]
        chosen = [np.mean(row) for row in rows if row]
        return float(np.mean(chosen)) if chosen else self._random

    @property
    def _random(self) -> float:
        random = [by["random 1"] for by in self.eer.values() if "random 1" in by]
        return float(np.mean(random)) if random else 0.0

    @property
    def worth(self) -> float:
        """What chooses a checkpoint, lower = better: the summary and the mean EER against random
        forgeries together. By skilled forgeries alone a run once lost the random ones unseen."""
        return self.summary + self._random

    def to_dict(self) -> dict[str, Any]:
        return {"summary": round(self.summary, 4), **self.eer}

    def __str__(self) -> str:
        rows = (
            f"{name}: " + " ".join(f"{k}={v:.1%}" for k, v in by.items())
            for name, by in self.eer.items()
        )
        return f"summary {self.summary:.2%} | " + " | ".join(rows)


@dataclass(frozen=True, slots=True)
class Claim:
    """Scores of one identity's genuine signatures (rows) against themselves and then against the
    imitations (columns): cosines `wide` and local logits `fine`."""

    source: str
    wide: Floats
    fine: Floats


@torch.inference_mode()
def measure(
    network: SignatureNetwork, matcher: LocalMatcher, images: PackedImages, batch: int = 96
) -> Figures:
    """Figures of both readings on `images`."""
    reading = _read(network, canvas_of(matcher.grid), images, batch)
    figures = figures_of(_claims(matcher, reading, images))
    for source, rate in random_eer(matcher, reading, images).items():
        figures.eer.setdefault(source, {})["random 1"] = rate
    return figures


def figures_of(claims: list[Claim]) -> Figures:
    """Skilled-forgery figures, the claims of a source pooled."""
    pools: dict[str, dict[str, list[tuple[Floats, Floats]]]] = {}
    for claim in claims:
        by = pools.setdefault(claim.source, {})
        by.setdefault("global 1", []).append(_one_reference(claim.wide))
        by.setdefault("local 1", []).append(_one_reference(claim.fine))
        if len(claim.fine) > _REFERENCES:
            by.setdefault("local 4 own", []).append(_four_references(claim.fine))
    return Figures(
        {
            source: {name: round(_pooled_eer(parts), 4) for name, parts in by.items()}
            for source, by in pools.items()
        }
    )


def best_global_weight(claims: list[Claim], weights: Sequence[float]) -> float:
    """The weight of the cosine beside the local logit that errs least, over sources and over one
    and four references."""

    def error(weight: float) -> float:
        pools: dict[tuple[str, int], list[tuple[Floats, Floats]]] = {}
        for claim in claims:
            score = weight * claim.wide + claim.fine
            pools.setdefault((claim.source, 1), []).append(_one_reference(score))
            if len(score) > _REFERENCES:
                pools.setdefault((claim.source, 4), []).append(_four_references(score))
        return float(np.mean([_pooled_eer(parts) for parts in pools.values()]))

    # Where all do equally well, as with a handful of easy writers, nothing speaks for a change.
    return min(weights, key=lambda weight: (error(weight), abs(weight - DEFAULT_PAIR[0])))


@torch.inference_mode()
def fit_comparison(
    network: SignatureNetwork, matcher: LocalMatcher, images: PackedImages, batch: int = 96
) -> tuple[float, float, float]:
    """Give the matcher the share of the mean tokens' likeness that errs least on `images`, and
    return the pair weights that do (`sigsearch.matching.similarity.pair_scores`); where nobody
    imitates nothing is fitted."""
    if next(claimed_rows(images), None) is None:
        return DEFAULT_PAIR
    reading = _read(network, canvas_of(matcher.grid), images, batch)

    found = {}
    for share in _COMMON:
        matcher.common.fill_(share)
        found[share] = _claims(matcher, reading, images)
    best = min(found, key=lambda share: figures_of(found[share]).summary)
    matcher.common.fill_(best)
    return best_global_weight(found[best], _GLOBAL_WEIGHTS), 1.0, 0.0


def random_eer(matcher: LocalMatcher, reading: Reading, images: PackedImages) -> dict[str, float]:
    """By source, the local EER with one reference against genuine signatures of its other hands,
    the same few of them each time."""
    pools: dict[str, list[tuple[Floats, Floats]]] = {}
    for source, who in _writers(images):
        own = who.genuine
        first = int(own[0])
        there = images.genuine & (images.source == images.source[first])
        others = np.flatnonzero(there & (images.hand != images.hand[first]))
        if not len(others):
            continue
        spread = np.linspace(0, len(others) - 1, min(_STRANGERS, len(others))).astype(int)
        rows = torch.from_numpy(np.concatenate([own, others[spread]]))
        scores = _local(matcher, reading, torch.from_numpy(own), rows)
        pools.setdefault(source, []).append(_one_reference(scores))
    return {source: round(_pooled_eer(parts), 4) for source, parts in pools.items()}


def _claims(matcher: LocalMatcher, reading: Reading, images: PackedImages) -> list[Claim]:
    claims = []
    for source, own, rows in claimed_rows(images):
        wide = (reading.vectors[own] @ reading.vectors[rows].T).cpu().numpy().astype(np.float64)
        claims.append(Claim(source, wide, _local(matcher, reading, own, rows)))
    return claims


def _read(
    network: SignatureNetwork, canvas: tuple[int, int], images: PackedImages, batch: int
) -> Reading:
    network.eval()
    device = next(network.parameters()).device
    parts = []
    for start in range(0, len(images), batch):
        rows = np.arange(start, min(start + batch, len(images)))
        canvases = shrink(torch.from_numpy(images.unpack(rows)), canvas).to(device)
        with mixed_precision(device):
            parts.append(network(canvases.to(memory_format=torch.channels_last)))
    return Reading(*(torch.cat(column).float() for column in zip(*parts, strict=True)))


def claimed_rows(images: PackedImages) -> Iterator[tuple[str, Tensor, Tensor]]:
    """(source, rows of the genuine, the same and then those of the imitations) of each identity
    that has imitations, by forgers or else of the same text by other hands."""
    for source, who in _writers(images):
        if len(who.skilled):
            rows = np.concatenate([who.genuine, who.skilled])
            yield source, torch.from_numpy(who.genuine), torch.from_numpy(rows)


def _writers(images: PackedImages) -> Iterator[tuple[str, WriterRows]]:
    """(source, rows) of each identity with two genuine signatures or more, as
    `sigsearch.trials.drawing.writer_rows` has them of a dataset."""
    for identity in np.unique(images.identity[images.genuine]):
        own = np.flatnonzero((images.identity == identity) & images.genuine)
        if len(own) < 2:
            continue
        hand, text = images.hand[own[0]], images.text[own[0]]
        skilled = np.flatnonzero((images.identity == identity) & ~images.genuine)
        if not len(skilled):
            same = (images.text == text) & (images.hand != hand)
            skilled = np.flatnonzero(same & images.genuine)
        source = str(images.names[images.source[own[0]]])
        yield source, WriterRows(str(identity), str(hand), str(text), own, skilled)


def _one_reference(scores: Floats) -> tuple[Floats, Floats]:
    count = len(scores)
    inner = scores[:, :count]
    return inner[~np.eye(count, dtype=bool)], scores[:, count:].ravel()


def _four_references(scores: Floats) -> tuple[Floats, Floats]:
    """The mean over the first four, less how well they agree with one another."""
    first = scores[:_REFERENCES]
    relative = fuse(first.T, first[:, :_REFERENCES], _AGREEING)
    count = len(scores)
    return relative[_REFERENCES:count], relative[count:]


def _local(matcher: LocalMatcher, reading: Reading, left: Tensor, right: Tensor) -> Floats:
    rows = []
    for i in left:
        a = reading.tokens[i].expand(len(right), -1, -1)
        w = reading.weights[i].expand(len(right), -1)
        rows.append(matcher(a, w, reading.tokens[right], reading.weights[right]))
    return torch.stack(rows).cpu().numpy().astype(np.float64)


def _pooled_eer(parts: list[tuple[Floats, Floats]]) -> float:
    genuine, forged = (np.concatenate(side) for side in zip(*parts, strict=True))
    return eer(genuine, forged)
