"""The classifier at run time: ONNX Runtime, no torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from sigsearch.arrays import Singles
from sigsearch.classifier.answers import Classification, Likely
from sigsearch.classifier.card import NETWORK, ClassifierCard
from sigsearch.errors import ArgumentRefused, ClassifierError, NotPicklable
from sigsearch.imaging import PREPROCESSING_VERSION, Signature, read_signature
from sigsearch.imaging.several import several
from sigsearch.names import one_form

if TYPE_CHECKING:
    from sigsearch.imaging import ImageSource

_BATCH = 64


class Classifier:
    """Names one of the writers it was trained on, whoever signed."""

    def __init__(self, card: ClassifierCard, folder: Path, network: Any) -> None:
        self.card = card
        self.folder = folder
        self._network = network

    def __reduce__(self) -> NoReturn:
        raise NotPicklable.told(
            f"the classifier {self.card.id}", f"Classifier.load({str(self.folder)!r})"
        )

    @classmethod
    def load(cls, folder: Path | str, threads: int = 0) -> Classifier:
        """Open a folder made by `sigsearch train classifier`. `threads` bounds the cores used.

        Raises ClassifierError when the folder holds no classifier, one whose files were altered,
        or one made for another preprocessing.
        """
        place = Path(folder)
        card = ClassifierCard.load(place)
        if card.preprocessing_version != PREPROCESSING_VERSION:
            raise ClassifierError(
                f"{place}: made for preprocessing {card.preprocessing_version}, but this version "
                f"of sigsearch uses {PREPROCESSING_VERSION}; train it again"
            )
        network = card.files_in(place).open(NETWORK, threads)
        return cls(card, place, network)

    def classify(self, image: ImageSource | Signature, k: int = 5) -> Classification:
        """Who signed, if it was one of the known writers. Raises ImageError."""
        if k < 1:
            raise ArgumentRefused(f"k is 1 or more, not {k}")
        signature = read_signature(image)
        shares = self.probabilities([signature])[0]
        best = np.argsort(-shares, kind="stable")[:k]
        candidates = tuple(Likely(self.card.writers[at], float(shares[at])) for at in best)
        return Classification(
            questioned=signature.name,
            writer=candidates[0].writer,
            probability=candidates[0].probability,
            candidates=candidates,
            writer_count=len(self.card.writers),
            model=self.card.id,
            warnings=signature.warnings,
        )

    def probabilities(
        self, images: Sequence[Signature | ImageSource] | Signature | ImageSource
    ) -> Singles:
        """(n, writers), each row sums to one, columns in the order of `card.writers`.

        Raises ImageError for the first image that cannot be read.
        """
        images = list(several(images))
        rows = [np.zeros((0, len(self.card.writers)), np.float32)]
        for start in range(0, len(images), _BATCH):
            part = [read_signature(image).canvas for image in images[start : start + _BATCH]]
            rows += self._network.run(None, {"canvases": np.stack(part)[:, None]})
        return np.concatenate(rows)

    def knows(self, writer: str) -> int:
        """The writer's column; raises ClassifierError for one that it was not trained on."""
        try:
            return [one_form(name) for name in self.card.writers].index(one_form(writer))
        except ValueError:
            some = ", ".join(self.card.writers[:8])
            more = ", ..." if len(self.card.writers) > 8 else ""
            raise ClassifierError(
                f"{self.folder}: writer {writer!r} is not among the {len(self.card.writers)} that "
                f"it was trained on ({some}{more}); a classifier learns a new writer only by "
                "training again"
            ) from None
