"""Quick figures on validation writers, by which a checkpoint is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sigsearch.training.augment import shrink
from sigsearch.training.matcher import LocalMatcher
from sigsearch.training.networks import Reading, SignatureNetwork
from sigsearch.training.packed import PackedImages

Scores = NDArray[np.float64]
_REFERENCES = 4


@dataclass(frozen=True, slots=True)
class Figures:
    """Skilled-forgery EER (0..1) by source: {"cedar": {"global 1": ..., "local 1": ...,
    "local 4 own": ...}}; 1 and 4 are numbers of references, "own" is relative to how well the
    references agree with one another. Sources without four references lack the last."""

    eer: dict[str, dict[str, float]]

    @property
    def summary(self) -> float:
        """The mean over sources of the local EER with one reference and with four."""
        chosen = [
            np.mean([v for k, v in by.items() if k.startswith("local")]) for by in self.eer.values()
        ]
        return float(np.mean(chosen))

    def to_dict(self) -> dict[str, Any]:
        return {"summary": round(self.summary, 4), **self.eer}

    def __str__(self) -> str:
        rows = (
            f"{name}: " + " ".join(f"{k}={v:.1%}" for k, v in by.items())
            for name, by in self.eer.items()
        )
        return f"summary {self.summary:.2%} | " + " | ".join(rows)


@torch.inference_mode()
def measure(
    network: SignatureNetwork, matcher: LocalMatcher, images: PackedImages, batch: int = 96
) -> Figures:
    """Skilled-forgery figures of both readings on `images`."""
    network.eval()
    reading = _read(network, images, batch)
    pools: dict[str, dict[str, list[tuple[Scores, Scores]]]] = {}
    for source, own, imitation in _claims(images):
        by = pools.setdefault(source, {})
        for name, scores in _writer_scores(matcher, reading, own, imitation).items():
            by.setdefault(name, []).append(scores)
    return Figures(
        {
            source: {name: round(_pooled_eer(parts), 4) for name, parts in by.items()}
            for source, by in pools.items()
        }
    )


def _read(network: SignatureNetwork, images: PackedImages, batch: int) -> Reading:
    device = next(network.parameters()).device
    parts = []
    for start in range(0, len(images), batch):
        rows = np.arange(start, min(start + batch, len(images)))
        canvases = shrink(torch.from_numpy(images.unpack(rows))).to(device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            parts.append(network(canvases.to(memory_format=torch.channels_last)))
    return Reading(*(torch.cat(column).float() for column in zip(*parts, strict=True)))


def _claims(images: PackedImages) -> Iterator[tuple[str, Tensor, Tensor]]:
    """(source, rows of the genuine, rows of the imitations) of each identity."""
    for identity in np.unique(images.identity[images.genuine]):
        own = np.flatnonzero((images.identity == identity) & images.genuine)
        forged = np.flatnonzero((images.identity == identity) & ~images.genuine)
        if not len(forged):
            same = (images.text == images.text[own[0]]) & (images.hand != images.hand[own[0]])
            forged = np.flatnonzero(same & images.genuine)
        if len(own) > 1 and len(forged):
            name = str(images.names[images.source[own[0]]])
            yield name, torch.from_numpy(own), torch.from_numpy(forged)


def _writer_scores(
    matcher: LocalMatcher, reading: Reading, own: Tensor, imitation: Tensor
) -> dict[str, tuple[Scores, Scores]]:
    rows = torch.cat([own, imitation])
    vectors = reading.vectors
    wide = (vectors[own] @ vectors[rows].T).cpu().numpy()
    fine = _local(matcher, reading, own, rows)
    count, scores = len(own), {}
    for name, matrix in (("global 1", wide), ("local 1", fine)):
        inner = matrix[:, :count]
        scores[name] = (inner[~np.eye(count, dtype=bool)], matrix[:, count:].ravel())
    if count > _REFERENCES:
        agree = fine[:_REFERENCES, :_REFERENCES][~np.eye(_REFERENCES, dtype=bool)].mean()
        relative = fine[:_REFERENCES].mean(axis=0) - agree
        scores["local 4 own"] = (relative[_REFERENCES:count], relative[count:])
    return scores


def _local(matcher: LocalMatcher, reading: Reading, left: Tensor, right: Tensor) -> Scores:
    rows = []
    for i in left:
        a = reading.tokens[i].expand(len(right), -1, -1)
        w = reading.weights[i].expand(len(right), -1)
        rows.append(matcher(a, w, reading.tokens[right], reading.weights[right]))
    return torch.stack(rows).cpu().numpy().astype(np.float64)


def _pooled_eer(parts: list[tuple[Scores, Scores]]) -> float:
    genuine = np.concatenate([g for g, _ in parts])
    forged = np.concatenate([f for _, f in parts])
    scores = np.sort(np.concatenate([genuine, forged]))
    fnmr = np.searchsorted(np.sort(genuine), scores, side="left") / len(genuine)
    fmr = 1 - np.searchsorted(np.sort(forged), scores, side="left") / len(forged)
    at = int(np.abs(fnmr - fmr).argmin())
    return float((fnmr[at] + fmr[at]) / 2)
