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
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts" / "benchmarks")]

from running_postgres import PostgresServer  # noqa: E402
from vectors import Base  # noqa: E402

from sigsearch.encoder import Encoder  # noqa: E402
from sigsearch.engine.questions import Asked  # noqa: E402
from sigsearch.engine.second_look import Postures  # noqa: E402
from sigsearch.engine.signature_index import DEFAULT_CANDIDATES, SignatureIndex  # noqa: E402
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


def questions(encoder: Encoder, writers: int) -> Iterator[Question]:
    """Of each writer two more genuine signatures and a forgery of one who saw them, and one of a
    stranger."""
    for seed in range(writers):
        writer, other = Writer.from_seed(seed), Writer.from_seed(STRANGERS + seed)
        asked = [
            ("genuine", writer.specimen(EACH)),
            ("genuine", writer.specimen(EACH + 1)),
            ("forgery", forge(writer, 0, forger=STRANGERS + seed, level="seen")),
            ("stranger", other.specimen(0)),
        ]
        for kind, specimen in asked:
            yield Question(kind, Postures(signature(specimen), encoder), f"drawn {seed}")


def dumped(answer: Any) -> str:
    return json.dumps(answer.to_dict(), sort_keys=True)


def scores(index: SignatureIndex, question: Question) -> dict[str, float]:
    """Of all candidates of the first look."""
    names, found, *_ = index.score_candidates(index.judge, question.postures.reading)
    return dict(zip(names, found, strict=True))


def compared(
    folder: SignatureIndex, database: SignatureIndex, asked: Sequence[Question], exact: bool
) -> Counter[str]:
    """How many answers are equal; raises AssertionError where they may not differ."""
    told: Counter[str] = Counter()
    for question in asked:
        one, other = (index.identify_postures(question.postures, ASKED)
                      for index in (folder, database))  # fmt: skip
        same = dumped(one) == dumped(other)
        told["identify, equal in every value"] += same
        told[f"identify, {one.decision}"] += 1
        told["identify, the same first"] += (
            one.candidates[0].writer == other.candidates[0].writer
        )
        told["identify, the same decision"] += one.verdict.answer == other.verdict.answer
        ours, theirs = scores(folder, question), scores(database, question)
        both = ours.keys() & theirs.keys()
        told["candidates proposed by both"] += len(both)
        told["candidates proposed by one"] += len(ours.keys() ^ theirs.keys())
        assert all(ours[name] == theirs[name] for name in both), "equal candidates, other scores"
        verified = [dumped(index.examine_postures(question.postures, question.claimed).answer)
                    for index in (folder, database)]  # fmt: skip
        assert verified[0] == verified[1], f"verify: {verified}"
        told["verify, equal in every value"] += 1
        if exact:
            assert same, f"identify: {dumped(one)}\n{dumped(other)}"
            assert list(ours.items()) == list(theirs.items()), "other candidates"
    return told


def both(indexes: Sequence[SignatureIndex], batches: Iterator[list[Reference]]) -> None:
    for batch in batches:
        for index in indexes:
            assert index.index.enrol(batch) == len(batch)


def kinds(indexes: Sequence[SignatureIndex], among: Sequence[Reference]) -> set[str]:
    """The structures that search, once they have."""
    for index in indexes:
        index.index.search(among[0].vector, 1)
    return {index.index.info().structure for index in indexes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--writers", type=int, default=250)
    parser.add_argument("--clusters", type=int, default=48_000, help="references in the end")
    given = parser.parse_args()
    encoder, server = Encoder.load(), PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as place:
            address = server.address("equal", cache=f"{place}/cache")
            indexes = [
                SignatureIndex.create(at, encoder) for at in (f"{place}/index", address)
            ]
            among = drawn(encoder, given.writers)
            both(indexes, iter([among]))
            both(indexes, invented(among, len(among), EXACT_UP_TO))
            assert kinds(indexes, among) == {FLAT}
            for index in indexes:
                index.measure_population()
            populations = [index.index.setting(POPULATION) for index in indexes]
            assert populations[0] == populations[1], populations
            asked = list(questions(encoder, given.writers))
            told = {"exact": compared(*indexes, asked, exact=True)}
            print(json.dumps(told), f"load {os.getloadavg()[0]:.1f}", flush=True)
            both(indexes, invented(among, EXACT_UP_TO, given.clusters))
            for index in indexes:
                index.index.optimise()
            assert kinds(indexes, among) == {CLUSTERS}
            told["clusters"] = compared(*indexes, asked, exact=False)
            told["references"] = Counter(exact=EXACT_UP_TO, clusters=given.clusters)
            for index in indexes:
                index.close()
    finally:
        server.stop()
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
