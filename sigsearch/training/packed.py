"""Training images, normalised once and packed to a bit a pixel: 13,000 real signatures fit in about
40 MB, so a whole training set travels in one file and lives in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sigsearch.datasets import Dataset, Protocol, Sample, drop_copies, read_datasets
from sigsearch.datasets.signatures import signature_of
from sigsearch.errors import DatasetError, ImageError
from sigsearch.imaging import Signature
from sigsearch.imaging.canvas import set_on_canvas

PACKED_SHAPE = (192, 448)
"""Images are packed finer than the canvas, so that strokes can be thinned in training."""


@dataclass(frozen=True, slots=True)
class PackedImages:
    """bits: uint8 (n, pixels / 8); identity, hand, text, source: int32 (n,), numbered from 0 and
    unique across sources; genuine: bool (n,); names: str (sources,)."""

    bits: NDArray[np.uint8]
    identity: NDArray[np.int32]
    hand: NDArray[np.int32]
    text: NDArray[np.int32]
    source: NDArray[np.int32]
    genuine: NDArray[np.bool_]
    names: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.bits)

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, **{f.name: getattr(self, f.name) for f in fields(self)})

    @classmethod
    def load(cls, path: Path) -> PackedImages:
        """Raises DatasetError when `path` is not such a file."""
        try:
            with np.load(path, allow_pickle=False) as archive:
                return cls(**{f.name: archive[f.name] for f in fields(cls)})
        except (OSError, ValueError, KeyError) as fault:
            raise DatasetError(f"{path}: not a file of packed images ({fault})") from None

    def without(self, sources: Iterable[str]) -> PackedImages:
        """The images of all other sources."""
        return self.only(set(map(str, self.names)) - set(sources))

    def only(self, sources: Iterable[str]) -> PackedImages:
        """The images of these sources."""
        kept = np.isin(self.names, list(sources))[self.source]
        columns = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "names"}
        return PackedImages(**{name: of[kept] for name, of in columns.items()}, names=self.names)

    def writers_of(self) -> dict[str, int]:
        """How many identities there are of each source that has images."""
        found = {}
        for number in np.unique(self.source).tolist():
            identities = self.identity[self.source == number]
            found[str(self.names[number])] = len(np.unique(identities))
        return found

    def unpack(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """uint8 (len(rows), *PACKED_SHAPE), 1 = ink."""
        return np.unpackbits(self.bits[rows], axis=1).reshape(-1, *PACKED_SHAPE)


def join(parts: Iterable[PackedImages]) -> PackedImages:
    """One set of several; identities, hands, texts and sources stay apart."""
    parts = list(parts)
    columns: dict[str, list[NDArray[np.int32]]] = {
        n: [] for n in ("identity", "hand", "text", "source")
    }
    for name, column in columns.items():
        offset = 0
        for part in parts:
            column.append(getattr(part, name) + np.int32(offset))
            offset = int(column[-1].max(initial=offset - 1)) + 1
            if name == "source":
                offset = max(offset, sum(len(p.names) for p in parts[: len(column)]))
    return PackedImages(
        bits=np.concatenate([p.bits for p in parts]),
        genuine=np.concatenate([p.genuine for p in parts]),
        names=np.concatenate([p.names for p in parts]),
        **{name: np.concatenate(column) for name, column in columns.items()},
    )


def pack_signature(signature: Signature) -> NDArray[np.uint8]:
    """The bits of one signature, (pixels / 8,)."""
    return np.packbits(set_on_canvas(signature.ink, PACKED_SHAPE) > 127)


def pack_datasets(
    paths: Iterable[Path],
    protocol: Protocol,
    role: str,
    workers: int = 2,
    report: Callable[[str], None] = lambda _line: None,
    pack: Callable[[Sample], NDArray[np.uint8] | None] | None = None,
) -> PackedImages:
    """The writers of `role` of each dataset, pixel-identical copies dropped; `pack` may make
    something else than bits of a sample."""
    parts, found = [], []
    for path in paths:
        for dataset in read_datasets(path):
            found.append(dataset.name)
            if protocol.knows(dataset):
                chosen = drop_copies(protocol.select(dataset, role))
                if chosen.samples:
                    report(str(chosen.summary()))
                    parts.append(_pack(chosen, workers, pack or _bits_of))
    if not parts:
        raise DatasetError(
            f"the protocol {protocol.name} has no {role} writers of {', '.join(found)}; it only "
            f"knows {', '.join(protocol.roles)}. Write a protocol of your own: "
            '{"name": "mine", "datasets": {"'
            + found[0]
            + '": {"train": [...], "validation": [...]}}}'
        )
    return join(parts)


def _pack(
    dataset: Dataset, workers: int, pack: Callable[[Sample], NDArray[np.uint8] | None]
) -> PackedImages:
    with ProcessPoolExecutor(workers) as pool:
        rows = list(pool.map(pack, dataset.samples, chunksize=32))
    kept = [(s, bits) for s, bits in zip(dataset.samples, rows, strict=True) if bits is not None]
    samples = [s for s, _ in kept]
    return PackedImages(
        bits=np.stack([bits for _, bits in kept]),
        identity=_number(s.writer for s in samples),
        hand=_number(s.hand for s in samples),
        text=_number(s.text or s.writer for s in samples),
        source=np.zeros(len(samples), np.int32),
        genuine=np.array([s.genuine for s in samples]),
        names=np.array([dataset.name]),
    )


def _bits_of(sample: Sample) -> NDArray[np.uint8] | None:
    try:
        return pack_signature(signature_of(sample))
    except ImageError:
        return None


def _number(values: Iterable[str]) -> NDArray[np.int32]:
    seen: dict[str, int] = {}
    return np.fromiter(_numbers(values, seen), np.int32)


def _numbers(values: Iterable[str], seen: dict[str, int]) -> Iterator[int]:
    for value in values:
        yield seen.setdefault(value, len(seen))
