"""The encoder at run time: ONNX Runtime, no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import numpy as np

from sigsearch.arrays import Bytes
from sigsearch.encoder.card import ModelCard
from sigsearch.encoder.embeddings import Embeddings
from sigsearch.errors import EncoderError, ImageError, NotPicklable
from sigsearch.imaging import PREPROCESSING_VERSION, Signature, read_signature, read_signatures
from sigsearch.imaging.ahead import cores
from sigsearch.imaging.several import several

if TYPE_CHECKING:
    from sigsearch.imaging import ImageSource

T = TypeVar("T")
ReadMany = Callable[[Any], Iterable[Signature | ImageError]]
"""Images to signatures, or the errors of those that cannot be read."""

NETWORK, MATCHER = "encoder.onnx", "matcher.npz"


class Encoder:
    """Turns signatures into embeddings. `Encoder.load()` gives the one that ships."""

    def __init__(self, card: ModelCard, folder: Path, network: Any, threads: int = 1) -> None:
        self.card = card
        self.folder = folder
        self._network = network
        self._threads = threads

    def __reduce__(self) -> NoReturn:
        raise NotPicklable.told(
            f"the encoder {self.card.id}", f"Encoder.load({str(self.folder)!r})"
        )

    @classmethod
    def load(cls, folder: Path | str | None = None, threads: int = 0) -> Encoder:
        """Open the shipped encoder, or the one in `folder` (card.json and its files).

        `threads` bounds the cores used; 0 means all. Raises EncoderError when a file is missing,
        altered, or made for another preprocessing.
        """
        place = Path(folder) if folder is not None else shipped_folder()
        card = ModelCard.load(place)
        if card.preprocessing_version != PREPROCESSING_VERSION:
            raise EncoderError(
                f"{place}: made for preprocessing {card.preprocessing_version}, but this version "
                f"of sigsearch uses {PREPROCESSING_VERSION}; use the matching release"
            )
        # A core a batch: that shares cores better than each layer does.
        network = card.files_in(place).open(NETWORK)
        return cls(card, place, network, threads or cores())

    @property
    def matcher_path(self) -> Path:
        """Where the parameters of the local comparison lie."""
        return self.folder / MATCHER

    def embed(
        self,
        images: Sequence[Signature | ImageSource] | Signature | ImageSource,
        batch_size: int = 8,
    ) -> Embeddings:
        """Embed images or signatures that were read already, each core its own batches; in what
        company an image is embedded does not matter, nor how many there are in a batch.

        Raises ImageError for the first that cannot be read; `embed_each` goes on past it.
        """
        given = list(several(images))
        if len(given) == 1:
            return self._embed_batch(given)
        parts = list(self._in_batches(self._embed_batch, given, batch_size))
        return Embeddings.concatenate(parts) if parts else self._nothing()

    def embed_each(
        self,
        images: Sequence[Signature | ImageSource] | Signature | ImageSource,
        batch_size: int = 8,
        read: ReadMany = read_signatures,
    ) -> Iterator[Embeddings | ImageError]:
        """`embed` for many, yielded one by one in their order; an image that cannot be read yields
        its error in its place. `read`: how images are read, by default as crops."""
        embed = partial(self._embed_readable, read_many=read)
        for batch in self._in_batches(embed, list(several(images)), batch_size):
            yield from batch

    def _in_batches(
        self,
        work: Callable[[Sequence[Signature | ImageSource]], T],
        images: Sequence[Signature | ImageSource],
        batch_size: int,
    ) -> Iterator[T]:
        size = max(min(batch_size, -(-len(images) // self._threads)), 1)
        batches = [images[at : at + size] for at in range(0, len(images), size)]
        if len(batches) < 2 or self._threads < 2:
            yield from map(work, batches)
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                yield from pool.map(work, batches)

    def _embed_batch(self, images: Sequence[Signature | ImageSource]) -> Embeddings:
        return self.embed_canvases(np.stack([read_signature(image).canvas for image in images]))

    def _embed_readable(
        self, images: Sequence[Signature | ImageSource], read_many: ReadMany
    ) -> list[Embeddings | ImageError]:
        read = list(read_many(images))
        canvases = [one.canvas for one in read if isinstance(one, Signature)]
        found = self.embed_canvases(np.stack(canvases)) if canvases else self._nothing()
        rows = iter(range(len(found)))
        return [found[next(rows)] if isinstance(one, Signature) else one for one in read]

    def embed_canvases(self, canvases: Bytes) -> Embeddings:
        """Embed what `Signature.canvas` holds: uint8 (n, height, width)."""
        vectors, tokens, weights = self._network.run(None, {"canvases": canvases[:, None]})
        return Embeddings(vectors, tokens, weights)

    def _nothing(self) -> Embeddings:
        rows, columns, channels = self.card.token_shape
        return Embeddings(
            np.zeros((0, self.card.dimensions), np.float32),
            np.zeros((0, rows * columns, channels), np.int8),
            np.zeros((0, rows * columns), np.uint8),
        )


def shipped_folder() -> Path:
    """The folder of the encoder inside the installed package."""
    return Path(str(resources.files("sigsearch.encoder"))) / "weights"
