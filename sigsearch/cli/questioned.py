"""What is asked about: every signature on every image and document that was named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from sigsearch.cli.output import ACCEPTED, NOT_ACCEPTED, say

if TYPE_CHECKING:
    from sigsearch.engine.results import Identification
    from sigsearch.errors import SigsearchError
    from sigsearch.imaging import Signature


@dataclass(frozen=True, slots=True)
class Questioned:
    """One signature `among` all those on the image `name`, or none where that could not be read;
    answer: what was answered, once it was asked about, or the error."""

    name: str
    signature: Signature | None
    among: int = 1
    answer: Identification | SigsearchError | None = None

    def exit_code(self, accepted: bool) -> int:
        """Only a signature that is alone, or was chosen, can be accepted for the whole document."""
        return ACCEPTED if accepted and self.among == 1 else NOT_ACCEPTED


def tell_several(image: str, count: int) -> None:
    say(
        f"note: {image}: {count} signatures were found; each gets an answer, but none of them "
        "accepts the document; choose one with --signature"
    )


def on_image(image: str, signature: int | None) -> list[Questioned]:
    """The signatures on `image`, or the error of one without; with `signature` only the one of
    this number."""
    from sigsearch.documents.intake import signatures_in
    from sigsearch.errors import SigsearchError

    try:
        found = signatures_in(image, signature=signature)
    except SigsearchError as fault:
        return [Questioned(image, None, answer=fault)]
    return [Questioned(image, one, len(found)) for one in found]


def questioned(
    images: Sequence[str], read: Callable[[str], list[Questioned]], apart: bool = False
) -> Iterator[Questioned]:
    """What `read` gives for each image, in their order; `apart`: by processes from the first on.
    People are told where that is several signatures."""
    from sigsearch.errors import SigsearchError
    from sigsearch.imaging.ahead import ahead
    from sigsearch.imaging.crew import Crew

    with Crew(spared=0) if apart else Crew() as crew:
        for image, reading in ahead(partial(crew.call, read), images, crew.hands):
            try:
                found = reading.result()
            except SigsearchError as fault:  # of the process that read it
                found = [Questioned(image, None, answer=fault)]
            if len(found) > 1:
                tell_several(image, len(found))
            yield from found


def answered(one: Questioned, identify: Callable[[Signature], Identification]) -> Questioned:
    """With its answer in the place of the signature."""
    from sigsearch.errors import SigsearchError

    if one.signature is None:
        return one
    try:
        return replace(one, signature=None, answer=identify(one.signature))
    except SigsearchError as fault:
        return replace(one, signature=None, answer=fault)
