"""The same references in a folder and in a database, asked the same: are the answers equal?

Writers are drawn; further ones are invented around them, up to the largest index that is searched
exactly. Every answer of `identify` and `verify`, whole, with every figure, must be the same from
both. Then more are enrolled in both, until clusters search: each index trains its own, so they may
propose other candidates, but whom both propose must have the same score.

    python scripts/reliability/postgres_equality.py --writers 250     # 1,000 questions, twice
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts" / "benchmarks")]

from running_postgres import PostgresServer  # noqa: E402
from vectors import Base  # noqa: E402

from sigsearch.encoder import Encoder  # noqa: E402
from sigsearch.engine.answering import DEFAULT_CANDIDATES  # noqa: E402
from sigsearch.engine.questions import Asked  # noqa: E402
from sigsearch.engine.second_look import Postures  # noqa: E402
from sigsearch.engine.signature_index import SignatureIndex  # noqa: E402
from sigsearch.engine.survey import SETTING as POPULATION  # noqa: E402
from sigsearch.engine.template import pack_template  # noqa: E402
from sigsearch.imaging import Signature, signature_from_ink  # noqa: E402
from sigsearch.index import Reference  # noqa: E402
from sigsearch.index.search.structures.protocol import CLUSTERS, EXACT_UP_TO, FLAT  # noqa: E402
from sigsearch.matching.gallery import DEFAULT_FPIR  # noqa: E402
from sigsearch.synthesis import Specimen, Writer, forge  # noqa: E402

EACH, STRANGERS, BATCH = 4, 1_000_000, 4_000
ASKED = Asked(5, DEFAULT_FPIR, DEFAULT_CANDIDATES)
WHEN = "2026-01-01T00:00:00+00:00"


@dataclass(frozen=True)
class Question:
    """A questioned signature, and whose it is said to be."""

    kind: str
    postures: Postures
    claimed: str


def signature(specimen: Specimen) -> Signature:
    return signature_from_ink(specimen.mask)


def drawn(encoder: Encoder, writers: int) -> list[Reference]:
    found = []
    for seed in range(writers):
        writer = Writer.from_seed(seed)
        signed = [signature(writer.specimen(n)) for n in range(EACH)]
        read = encoder.embed(signed)
        found += [
            Reference(f"drawn {seed}", read.vectors[n], pack_template(read, n, one),
                      f"{seed * EACH + n:064x}", f"{seed}-{n}.png", enrolled_at=WHEN)
            for n, one in enumerate(signed)
        ]  # fmt: skip
    return found


def invented(among: Sequence[Reference], start: int, end: int) -> Iterator[list[Reference]]:
    """Further references, number `start` to `end`, whose vectors lie as those of drawn ones do."""
    vectors = np.stack([one.vector for one in among]).reshape(-1, EACH, len(among[0].vector))
    means = vectors.mean(axis=1)
    base = Base(means, (vectors - means[:, None]).reshape(-1, vectors.shape[2]))
    for first in range(start, end, BATCH):
        rng = np.random.default_rng(first)
        centres = base.centres(rng, BATCH // EACH)
        rows = base.specimens(rng, np.repeat(centres, EACH, axis=0))[: end - first]
        yield [
            Reference(f"invented {(first + n) // EACH}", row, among[rng.integers(len(among))].local,
                      f"{first + n:064x}", f"{first + n}.png", enrolled_at=WHEN)
            for n, row in enumerate(rows.astype(np.float32))
        ]  # fmt: skip


def questions(encoder: Encoder, seed: int) -> Iterator[Question]:
    """Of a writer two more genuine signatures and a forgery of one who saw them, and one of a
    stranger."""
    writer, other = Writer.from_seed(seed), Writer.from_seed(STRANGERS + seed)
    asked = [
        ("genuine", writer.specimen(EACH)),
        ("genuine", writer.specimen(EACH + 1)),
        ("forgery", forge(writer, 0, forger=STRANGERS + seed, level="seen")),
        ("stranger", other.specimen(0)),
    ]
    for kind, specimen in asked:
        yield Question(kind, Postures(signature(specimen), encoder), f"drawn {seed}")


class Pair:
    """Both indexes, as a process of its own asks them."""

    def __init__(self, places: Sequence[str]) -> None:
        self.encoder = Encoder.load(threads=1)
        self.both = [SignatureIndex.open(place, self.encoder, read_only=True) for place in places]

    def exact(self, question: Question) -> Counter[str]:
        """Raises AssertionError where two answers differ in any value."""
        asked = question.postures
        found = [index.identify_postures(asked, ASKED) for index in self.both]
        one, other = map(dumped, found)
        assert one == other, f"identify: {one}\n{other}"
        verified = [index.examine_postures(asked, question.claimed).answer for index in self.both]
        one, other = map(dumped, verified)
        assert one == other, f"verify: {one}\n{other}"
        kind = question.kind
        return Counter([
            "identify, equal", "verify, equal", f"{kind}, identify: {found[0].decision}",
            f"{kind}, verify: {verified[0].decision}",
        ])  # fmt: skip

    def clustered(self, question: Question) -> Counter[str]:
        """Raises AssertionError where a candidate of both has two scores."""
        reading = question.postures.reading
        held = [index.score_candidates(index.judge, reading) for index in self.both]
        ours, theirs = (
            dict(zip(names, scores.searched, strict=True)) for names, scores, *_ in held
        )
        common = ours.keys() & theirs.keys()
        assert all(ours[name] == theirs[name] for name in common), "equal candidates, other scores"
        return Counter({
            "questions": 1, "the same candidates": ours == theirs,
            "the same best candidate": max(ours, key=ours.__getitem__)
            == max(theirs, key=theirs.__getitem__),
            "candidates of both": len(common),
            "candidates of one": len(ours.keys() ^ theirs.keys()),
        })  # fmt: skip


PAIR: list[Pair] = []


def opened(places: Sequence[str]) -> None:
    PAIR[:] = [Pair(places)]


def compared(seed: int, exact: bool) -> Counter[str]:
    """All questions about one writer."""
    pair, told = PAIR[0], Counter[str]()
    for question in questions(pair.encoder, seed):
        told += pair.exact(question) if exact else pair.clustered(question)
    return told


def compare(places: Sequence[str], writers: int, workers: int, exact: bool) -> dict[str, Any]:
    """How many answers are equal, told now and then."""
    told: Counter[str] = Counter()
    with get_context("spawn").Pool(workers, opened, [places]) as pool:
        asked = pool.imap_unordered(partial(compared, exact=exact), range(writers))
        for number, one in enumerate(asked, 1):
            told += one
            if number % 10 == 0 or number == writers:
                print(json.dumps(told), f"load {os.getloadavg()[0]:.1f}", flush=True)
    return dict(told)


def dumped(answer: Any) -> str:
    return json.dumps(answer.to_dict(), sort_keys=True)


def enrol(indexes: Sequence[SignatureIndex], batches: Iterator[list[Reference]]) -> None:
    for batch in batches:
        for index in indexes:
            assert index.index.enrol(batch) == len(batch)


def kinds(indexes: Sequence[SignatureIndex], among: Sequence[Reference]) -> set[str]:
    """The structures that search, once they have."""
    for index in indexes:
        index.index.search(among[0].vector, 1)
    return {index.index.info().structure for index in indexes}


def run(places: Sequence[str], writers: int, workers: int, references: int) -> dict[str, Any]:
    encoder = Encoder.load()
    indexes = [SignatureIndex.create(place, encoder) for place in places]
    among = drawn(encoder, writers)
    enrol(indexes, iter([among]))
    enrol(indexes, invented(among, len(among), EXACT_UP_TO))
    assert kinds(indexes, among) == {FLAT}
    for index in indexes:
        index.measure_population()
    populations = [index.index.setting(POPULATION) for index in indexes]
    assert populations[0] == populations[1], populations
    told = {f"exact, {EXACT_UP_TO} references": compare(places, writers, workers, exact=True)}
    enrol(indexes, invented(among, EXACT_UP_TO, references))
    for index in indexes:
        index.index.optimise()
    assert kinds(indexes, among) == {CLUSTERS}
    told[f"clusters, {references} references"] = compare(places, writers, workers, exact=False)
    for index in indexes:
        index.close()
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--writers", type=int, default=250, help="drawn; four questions each")
    parser.add_argument("--references", type=int, default=48_000, help="in the end")
    parser.add_argument("--workers", type=int, default=2, help="processes that ask")
    given = parser.parse_args()
    server = PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder:
            places = [f"{folder}/index", server.address("equal", cache=f"{folder}/cache")]
            told = run(places, given.writers, given.workers, given.references)
    finally:
        server.stop()
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
