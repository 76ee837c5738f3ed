"""What is asked about: every signature on every image and document that was named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sigsearch.cli.output import ACCEPTED, NOT_ACCEPTED, say

if TYPE_CHECKING:
    from sigsearch.errors import SigsearchError
    from sigsearch.imaging import Signature


@dataclass(frozen=True, slots=True)
class Questioned:
    """One signature `among` all those on the image `name`, or the error of an image that has
    none."""

    name: str
    signature: Signature | SigsearchError
    among: int = 1

    def exit_code(self, accepted: bool) -> int:
        """Only a signature that is alone, or was chosen, can be accepted for the whole document."""
        return ACCEPTED if accepted and self.among == 1 else NOT_ACCEPTED


def tell_several(image: str, count: int) -> None:
    say(
        f"note: {image}: {count} signatures were found; each gets an answer, but none of them "
        "accepts the document; choose one with --signature"
    )


def questioned(images: Sequence[str], signature: int | None) -> Iterator[Questioned]:
    """The signatures on `images`, in their order; with `signature` only those of this number."""
    from sigsearch.documents.intake import signatures_in
    from sigsearch.errors import SigsearchError
    from sigsearch.imaging.ahead import ahead
    from sigsearch.imaging.crew import Crew

    with Crew() as crew:
        read = partial(crew.call, partial(signatures_in, signature=signature))
        for image, reading in ahead(read, images):
            try:
                found = reading.result()
            except SigsearchError as fault:
                yield Questioned(image, fault)
                continue
            if len(found) > 1:
                tell_several(image, len(found))
            yield from (Questioned(image, one, len(found)) for one in found)
