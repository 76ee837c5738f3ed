"""Measure the shipped detector on pages that it never trained on, and note the figures in its card.

    python scripts/detector/measure.py --letters DATA/tobacco800-pages --card

Letters of test authors, by their labels and by corrected ones; composed cheques, forms, contracts
and ballots; unsigned composed pages; the time of a page on one core. Boxes of stamps count neither
way.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from sigsearch.datasets import Protocol
from sigsearch.documents.detection import WEIGHTS, Detector
from sigsearch.models.folder import CARD_NAME, read_card, write_card
from sigsearch.synthesis.documents import KINDS, compose, machine_faces
from sigsearch.training.detector.composed import boxes_of
from sigsearch.training.detector.found_figures import FoundOnPage, at_threshold, figures, judge
from sigsearch.training.detector.letters import read_letters
from sigsearch.training.detector.packed_pages import Boxes

SEED = 3_000_000
CORRECTIONS = Path(__file__).parent / "tobacco800-corrections.csv"
"""By eye, of all pages: what was found without a label, and on test and validation pages what was
labelled and not found."""
_ASKED = ("cheque", "form", "contract", "ballot")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--letters", type=Path)
    parser.add_argument("--protocol", default="unseen-writers-2")
    parser.add_argument("--role", default="test")
    parser.add_argument("--composed", type=int, default=150, help="pages of each kind")
    parser.add_argument("--dpi", type=int, default=200)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--card", action="store_true", help="write the figures into the card")
    given = parser.parse_args()
    detector, noted = Detector(given.weights), {}
    if given.letters:
        protocol = Protocol.load(given.protocol)
        letters = read_letters(given.letters, protocol, given.role)
        seen = [_look(detector, one.read(), one.boxes) for one in track(letters, "letters")]
        noted["letters"] = _tell("letters", seen, detector)
        corrected = read_letters(given.letters, protocol, given.role, CORRECTIONS)
        seen = [_look(detector, one.read(), one.boxes) for one in track(corrected, "letters")]
        noted["letters, labels corrected"] = _tell("letters, labels corrected", seen, detector)
    for kind in _ASKED:
        noted[kind] = _tell(kind, _composed(detector, given, kind, given.composed), detector)
    other = [kind for kind in KINDS if kind not in _ASKED]
    each = max(given.composed // 5, 1)
    rest = [page for kind in other for page in _composed(detector, given, kind, each)]
    noted["other kinds"] = _tell("other kinds", rest, detector)
    unsigned = [p for kind in KINDS for p in _composed(detector, given, kind, each, signed=False)]
    false = at_threshold(unsigned, detector.threshold)[1]
    print(f"unsigned: {false:.3f} false boxes a page, on {len(unsigned)} pages")
    noted["unsigned"] = {"false_a_page": round(false, 4), "pages": len(unsigned)}
    noted["milliseconds"] = _time(detector)
    if given.card:
        card = read_card(given.weights / CARD_NAME)
        write_card(given.weights / CARD_NAME, {**card, "figures": noted})


def _composed(detector: Detector, given: argparse.Namespace, kind: str, count: int,
              signed: bool = True) -> list[FoundOnPage]:  # fmt: skip
    faces, start = machine_faces(), SEED + 10_000 * list(KINDS).index(kind) + 5000 * (not signed)
    documents = (
        compose(start + n, kind, signed=signed, dpi=given.dpi, faces=faces) for n in range(count)
    )
    return [_look(detector, d.page, boxes_of(d)) for d in track(documents, kind, total=count)]


def _look(detector: Detector, page: NDArray[np.uint8], truth: Boxes) -> FoundOnPage:
    """Signatures are to be found; what is called initials or lies on some counts neither way."""
    found = [box for box in detector.find(page, least=0.02) if box.kind == "signature"]
    corners = [(b.x, b.y, b.x + b.width, b.y + b.height) for b in found]
    boxes = np.array(corners, np.float32).reshape(-1, 4)
    return judge(boxes, np.array([b.confidence for b in found], np.float32), truth, aside=(1,))


def _tell(name: str, pages: Iterable[FoundOnPage], detector: Detector) -> dict[str, object]:
    pages = list(pages)
    result = figures(pages)
    recall, false = at_threshold(pages, detector.threshold)
    print(
        f"{name}: {result}; as shipped: recall {recall:.3f}, {false:.3f} false a page", flush=True
    )
    shipped = {"shipped_recall": round(recall, 4), "shipped_false_a_page": round(false, 4)}
    rounded = {k: np.round(v, 4).tolist() for k, v in asdict(result).items()}
    return {**rounded, **shipped}


def _time(detector: Detector) -> float:
    """Of a contract page at 200 dpi, from its pixels to its boxes: the median of the processor's
    time, which other programs on the machine disturb least, in milliseconds."""
    page, spent = compose(SEED, "contract", dpi=200).page, []
    for _ in range(21):
        start = time.process_time()
        detector.find(page)
        spent.append(1000 * (time.process_time() - start))
    took = float(np.median(spent))
    load = os.getloadavg()[0]
    print(
        f"{took:.0f} ms of one core a page {page.shape} (least {min(spent):.0f}; load {load:.1f})"
    )
    return round(took, 1)


if __name__ == "__main__":
    main()
