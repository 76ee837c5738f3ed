"""Documents asked as they are, beside the same signatures cut out by hand.

    python scripts/measurements/documents.py --writers 20 --each 20
    python scripts/measurements/documents.py --letters DATA/tobacco800-pages

Of composed documents: invented writers are enrolled with five specimens each, and every signature
on a document is a further one of one writer. Of letters: those of test authors, each asked of the
signatures, cut out by hand, of the other letters. Told are the shares identified, verified as
`match` and `non_match`, and without an answer.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from sigsearch import SignatureIndex
from sigsearch.datasets import Protocol
from sigsearch.documents.intake import signatures_in
from sigsearch.errors import ImageError
from sigsearch.imaging import Signature, read_signature
from sigsearch.synthesis import Writer
from sigsearch.synthesis.documents import Document, compose
from sigsearch.synthesis.documents.hands import tight
from sigsearch.training.detector.letters import Letter, read_letters
from sigsearch.training.detector.packed_pages import KINDS as DETECTED

Counts = dict[str, Counter[str]]
Place = tuple[float, float, float, float]
"""Left, top, right and bottom, the last two exclusive."""

KINDS = ("letter", "contract", "form", "table", "ballot", "cheque", "receipt", "card")
FIRST_WRITER, FIRST_DOCUMENT, ENROLLED, FOLDS = 31_000, 7_000_000, 5, 4
_MARGIN = 0.15  # of the box's height, around what is cut out by hand


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=Path, help="real letters, as Tobacco-800 is kept")
    parser.add_argument("--writers", type=int, default=20)
    parser.add_argument("--each", type=int, default=6, help="documents of each kind")
    given = parser.parse_args()
    counts = of_letters(given.letters) if given.letters else of_composed(given.writers, given.each)
    for how, count in counts.items():
        shares = ", ".join(f"{word} {count[word] / count['documents']:.1%}" for word in
                           ("identified", "match", "non_match", "no answer"))  # fmt: skip
        print(f"{how}: {count['documents']} documents, {shares}", dict(count))


def of_composed(many: int, each: int) -> Counts:
    writers = [Writer.from_seed(FIRST_WRITER + n) for n in range(many)]
    counts: Counts = {"as it is": Counter(), "by hand": Counter()}
    with tempfile.TemporaryDirectory() as folder:
        index = SignatureIndex.create(Path(folder) / "index")
        for at, writer in enumerate(writers):
            index.enrol(str(at), [writer.specimen(n).page for n in range(ENROLLED)])
        for number, document in track(composed(writers, each), "asking", each * len(KINDS)):
            places = [(mark.x, mark.y, mark.x + mark.width, mark.y + mark.height)
                      for mark in document.marks if mark.kind == "signature"]  # fmt: skip
            who = str(number % len(writers))
            counts["as it is"] += outcome(index, who, partial(signatures_in, document.page))
            counts["by hand"] += outcome(index, who, partial(cut_out, document.page, places))
    return counts


def of_letters(folder: Path) -> Counts:
    """Those with one author who signed others too."""
    known: dict[str, list[Letter]] = defaultdict(list)
    for letter in read_letters(folder, Protocol.load("unseen-writers-2"), "test"):
        if len(letter.authors) == 1 and len(places_on(letter)) == 1:
            known[next(iter(letter.authors))].append(letter)
    known = {who: letters for who, letters in known.items() if len(letters) > 1}
    counts: Counts = {"as it is": Counter(), "by hand": Counter()}
    for fold in track(range(FOLDS), "asking"):
        with tempfile.TemporaryDirectory() as place:
            index = SignatureIndex.create(Path(place) / "index")
            for who, letters in known.items():
                rest = [one for at, one in enumerate(letters) if at % FOLDS != fold]
                cuts = [cut for one in rest for cut in cut_out(one.read(), places_on(one))]
                index.enrol(who, cuts[:ENROLLED])
            for who, letters in known.items():
                for letter in letters[fold::FOLDS]:
                    page = letter.read()
                    by_hand = partial(cut_out, page, places_on(letter))
                    counts["as it is"] += outcome(index, who, partial(signatures_in, page))
                    counts["by hand"] += outcome(index, who, by_hand)
    return counts


def places_on(letter: Letter) -> list[Place]:
    signed = letter.boxes[letter.boxes[:, 4] == DETECTED.index("signature")]
    return [(left, top, right, bottom) for left, top, right, bottom in signed[:, :4].tolist()]


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


def cut_out(page: NDArray[np.uint8], places: Sequence[Place]) -> Iterator[Signature]:
    """The signature in each box that is known. Raises ImageError where none can be read."""
    faults = []
    for left, top, right, bottom in places:
        rim = int(_MARGIN * (bottom - top))
        try:
            rows = slice(max(int(top) - rim, 0), int(bottom) + rim)
            yield read_signature(page[rows, max(int(left) - rim, 0) : int(right) + rim])
        except ImageError as fault:
            faults.append(fault)
    if len(faults) == len(places):
        raise faults[0]


if __name__ == "__main__":
    main()
