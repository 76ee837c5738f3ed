"""What is asked about: every signature on every image and document that was named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sigsearch.cli.output import ACCEPTED, NOT_ACCEPTED, say

if TYPE_CHECKING:
    from concurrent.futures import Future

    from sigsearch.engine.results import Identification
    from sigsearch.errors import SigsearchError
    from sigsearch.imaging import Signature


@dataclass(frozen=True, slots=True)
class Questioned:
    """One signature `among` all those on the image `name`, or the error of an image that has none;
    with its `answer`, where another process gave it and kept the signature."""

    name: str
    signature: Signature | SigsearchError | None
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
        return [Questioned(image, fault)]
    return [Questioned(image, one, len(found)) for one in found]


def questioned(images: Sequence[str], signature: int | None) -> Iterator[Questioned]:
    """`on_image` for all, in their order."""
    from sigsearch.imaging.ahead import ahead
    from sigsearch.imaging.crew import Crew

    with Crew() as crew:
        read = partial(crew.call, partial(on_image, signature=signature))
        for image, reading in ahead(read, images):
            yield from told_of(image, reading)


def told_of(image: str, reading: Future[list[Questioned]]) -> list[Questioned]:
    """What was read of an image; people are told where that is several signatures."""
    from sigsearch.errors import SigsearchError

    try:
        found = reading.result()
    except SigsearchError as fault:  # of the process that read it
        return [Questioned(image, fault)]
    if len(found) > 1:
        tell_several(image, len(found))
    return found


def answer_to(
    asked: Questioned, identify: Callable[[Signature], Identification]
) -> Identification | SigsearchError:
    """Raises nothing that is known of an image."""
    from sigsearch.errors import SigsearchError

    if isinstance(asked.signature, SigsearchError):
        return asked.signature
    assert asked.signature is not None
    try:
        return identify(asked.signature)
    except SigsearchError as fault:
        return fault
