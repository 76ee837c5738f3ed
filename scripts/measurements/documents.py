"""Composed documents asked as they are, beside the same signatures cut out by hand.

    python scripts/measurements/documents.py --writers 20 --each 6

Invented writers are enrolled with five specimens each; every signature on a document is a further
one of one writer. Told are the shares identified, verified as `non_match`, and without an answer.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from rich.progress import track

from sigsearch import SignatureIndex
from sigsearch.documents.intake import signatures_in
from sigsearch.errors import ImageError
from sigsearch.imaging import Signature, read_signature
from sigsearch.synthesis import Writer
from sigsearch.synthesis.documents import Document, compose
from sigsearch.synthesis.documents.hands import tight

KINDS = ("letter", "contract", "form", "table", "ballot", "cheque", "receipt", "card")
FIRST_WRITER, FIRST_DOCUMENT, ENROLLED = 31_000, 7_000_000, 5
_MARGIN = 0.15  # of the box's height, around what is cut out by hand


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=20)
    parser.add_argument("--each", type=int, default=6, help="documents of each kind")
    given = parser.parse_args()
    writers = [Writer.from_seed(FIRST_WRITER + n) for n in range(given.writers)]
    counts: dict[str, Counter[str]] = {"as it is": Counter(), "by hand": Counter()}
    with tempfile.TemporaryDirectory() as folder:
        index = SignatureIndex.create(Path(folder) / "index")
        for at, writer in enumerate(writers):
            index.enrol(str(at), [writer.specimen(n).page for n in range(ENROLLED)])
        total = given.each * len(KINDS)
        for number, document in track(composed(writers, given.each), "asking", total):
            who = str(number % len(writers))
            counts["as it is"] += outcome(index, who, partial(signatures_in, document.page))
            counts["by hand"] += outcome(index, who, partial(cut_out, document))
    for how, count in counts.items():
        shares = ", ".join(f"{word} {count[word] / count['documents']:.1%}" for word in
                           ("identified", "match", "non_match", "no answer"))  # fmt: skip
        print(f"{how}: {count['documents']} documents, {shares}", dict(count))


def composed(writers: list[Writer], each: int) -> Iterator[tuple[int, Document]]:
    """Signed documents, with the number of each."""
    for number in range(each * len(KINDS)):
        writer = writers[number % len(writers)]

        def signer(rng: np.random.Generator, dpi: int, writer: Writer = writer) -> np.ndarray:
            return tight(writer.specimen(int(rng.integers(ENROLLED, 500)), dpi).ink)

        kind = KINDS[number % len(KINDS)]
        document = compose(FIRST_DOCUMENT + number, kind, signed=True, signer=signer)
        if any(mark.kind == "signature" for mark in document.marks):
            yield number, document


def outcome(
    index: SignatureIndex, who: str, read: Callable[[], Iterable[Signature]]
) -> Counter[str]:
    """What is said of the signatures on one document, the best for it."""
    count = Counter(documents=1)
    try:
        found = list(read())
    except ImageError:
        count["no answer"] += 1
        return count
    answers = [index.verify(one, who).decision for one in found]
    count["identified"] += any(index.identify(one).writer == who for one in found)
    count["match"] += "match" in answers
    count["non_match"] += set(answers) == {"non_match"}
    return count


def cut_out(document: Document) -> Iterator[Signature]:
    """Each signature by the box that is known. Raises ImageError where none can be read."""
    faults = []
    for mark in (mark for mark in document.marks if mark.kind == "signature"):
        rim = _MARGIN * mark.height
        left, top = (max(int(edge - rim), 0) for edge in (mark.x, mark.y))
        right, bottom = int(mark.x + mark.width + rim), int(mark.y + mark.height + rim)
        try:
            yield read_signature(document.page[top:bottom, left:right])
        except ImageError as fault:
            faults.append(fault)
    if len(faults) == sum(mark.kind == "signature" for mark in document.marks):
        raise faults[0]


if __name__ == "__main__":
    main()
