"""What stated rates are worth in an index: strangers who are named, enrolled writers who are not,
and random forgeries that match, with the shipped calibration alone and with what the index measures
of its own population. On test writers, who had no part in any of it, and on invented ones.

python scripts/measurements/galleries.py --data "$SIGSEARCH_DATA" --cache runs/readings
python scripts/measurements/galleries.py --synthetic 5000 --cache runs/readings
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sigsearch import SignatureIndex
from sigsearch.calibration import read_embeddings
from sigsearch.datasets import Dataset, Protocol
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.judge import Judge, Rates
from sigsearch.engine.template import readings_of
from sigsearch.imaging import signature_from_ink
from sigsearch.index.records import Reference
from sigsearch.matching.population import Population
from sigsearch.synthesis import Writer
from sigsearch.trials.parallel import spread
from sigsearch.trials.roles import FOLDERS, datasets_of

FPIR = FMR = 0.01
STRANGERS, MATES, CLAIMS = 200, 100, 5
INVENTED, LARGEST = 600, 3  # invented strangers a gallery; galleries of the largest size
RATES = Rates(fmr=FMR, fnmr=0.5, against="random")


@dataclass(frozen=True, slots=True)
class Split:
    """Rows of the references, their writers' names, and rows of the signatures that ask: of
    strangers, and of enrolled writers with their names."""

    references: Sequence[int]
    names: Sequence[str]
    strangers: Sequence[int]
    mates: Sequence[tuple[int, str]]


@dataclass(slots=True)
class Counts:
    """Of strangers: asked, named; of enrolled writers' other signatures: asked, not identified as
    theirs; of random forgeries in verification: tried, matched."""

    strangers: int = 0
    named: int = 0
    mates: int = 0
    missed: int = 0
    claims: int = 0
    matched: int = 0

    def __str__(self) -> str:
        def share(part: int, whole: int) -> str:
            return f"{part / max(whole, 1):.2%} ({part} of {whole})"

        return (
            f"FPIR {share(self.named, self.strangers)}, FNIR {share(self.missed, self.mates)}, "
            f"FMR random {share(self.matched, self.claims)}"
        )


def split_of(used: Dataset, share: float, number: int, each: int, seed: int) -> Split:
    """A share of the hands, drawn anew for each seed, is enrolled; the rest are strangers."""
    random = np.random.default_rng(seed)
    row = {s.id: n for n, s in enumerate(used.samples)}
    hands = random.permutation(sorted({s.hand for s in used.samples if s.genuine}))
    inside = set(hands[: round(share * len(hands))].tolist())
    references, names, strangers, mates = [], [], [], []
    for writer in used.writers:
        genuine = used.genuine(writer)
        rows = random.permutation([row[s.id] for s in genuine]).tolist()
        if not genuine or genuine[0].hand not in inside:
            strangers += rows[:each]
        elif len(rows) >= number:
            references += rows[:number]
            names += [writer] * number
            mates += [(n, writer) for n in rows[number : number + each]]
    some = random.permutation(len(strangers))[:STRANGERS]
    few = random.permutation(len(mates))[:MATES]
    return Split(references, names, [strangers[n] for n in some], [mates[n] for n in few])


def enrol(index: SignatureIndex, readings: Embeddings, names: Sequence[str]) -> None:
    """Store readings as they are: what is measured here begins after the encoding."""
    stored = [
        Reference(
            writer=name,
            vector=readings.vectors[n],
            local=readings.local_bytes(n),
            content_hash=hashlib.sha256(readings.vectors[n].tobytes()).hexdigest(),
            source=f"{name}/{n}",
        )
        for n, name in enumerate(names)
    ]
    for start in range(0, len(stored), 1000):
        index.index.enrol(stored[start : start + 1000])


def ask(
    index: SignatureIndex, readings: Embeddings, split: Split, counts: Sequence[Counts],
    judges: Sequence[Judge], seed: int,
) -> None:  # fmt: skip
    """Count for each judge what it says of the same scores."""
    random = np.random.default_rng(seed)
    writers = [w.name for w in index.writers()]
    agreement = {}
    for row in split.strangers:
        names, scores, many, _ = index.score_candidates(judges[0], readings[row])
        handicap = judges[0].handicap(readings[row])
        for count, judge in zip(counts, judges, strict=True):
            verdict = judge.identify(scores, many, len(writers), FPIR, handicap)
            count.strangers += 1
            count.named += verdict.decision == "identified"
        for name in random.choice(writers, min(CLAIMS, len(writers)), replace=False).tolist():
            own = readings_of(index.index.references(name), index.encoder.card)
            if name not in agreement:
                agreement[name] = judges[0].own_scores(own)
            score = float(judges[0].fused(readings[row], own, agreement[name])[0][0])
            for count, judge in zip(counts, judges, strict=True):
                count.claims += 1
                count.matched += judge.decide(score, len(own), RATES, handicap).decision == "match"
    for row, writer in split.mates:
        names, scores, many, _ = index.score_candidates(judges[0], readings[row])
        handicap = judges[0].handicap(readings[row])
        for count, judge in zip(counts, judges, strict=True):
            verdict = judge.identify(scores, many, len(writers), FPIR, handicap)
            found = verdict.decision == "identified" and names[verdict.order[0]] == writer
            count.mates += 1
            count.missed += not found


def measure(
    name: str, encoder: Encoder, readings: Embeddings, splits: Sequence[Split], number: int
) -> None:
    counts = [Counts(), Counts()]
    sizes, populations, taken, single = [], [], [], []
    for seed, split in enumerate(splits):
        with TemporaryDirectory() as folder, SignatureIndex.create(folder + "/i", encoder) as index:
            enrol(index, readings[np.array(split.references)], split.names)
            start = time.process_time()
            populations.append(index.measure_population())
            taken.append(time.process_time() - start)
            sizes.append(index.index.writer_count)
            judges = [replace(index.judge, population=None), index.judge]
            before = counts[1].named
            ask(index, readings, split, counts, judges, seed)
            single.append((counts[1].named - before) / max(len(split.strangers), 1))
    print(
        f"{name}, {round(np.mean(sizes))} writers with {number} references, {len(splits)} draws; "
        f"asked {FPIR:.0%}"
    )
    print(f"  shipped calibration: {counts[0]}")
    print(f"  own population:      {counts[1]}")
    print(f"  FPIR of single galleries: {min(single):.2%} to {max(single):.2%}")
    print(f"  {told(populations)}; {np.median(taken):.1f} s of processor time each", flush=True)


def told(populations: Sequence[Population | None]) -> str:
    found = [p for p in populations if p is not None]
    if not found:
        return "too few writers to measure a population: the shipped calibration stands"
    aside = np.mean([p.set_aside for p in found])
    fnir = [p.fnir(p.fmr_for_fpir(FPIR, p.writer_count)) for p in found]
    missed = [f for f in fnir if f is not None]
    said = f", FNIR foretold {np.mean(missed):.1%}" if missed else ""
    return (
        f"{len(found)} of {len(populations)} measured, {np.mean([p.asked for p in found]):.0f} "
        f"references asked, {aside:.1f} set aside{said}"
    )


def invented(
    encoder: Encoder, first: int, writers: int, each: int, cache: Path | None
) -> Embeddings:
    """Readings of invented writers, the signatures of one after the other."""
    kept = cache / f"invented-{first}-{writers}x{each}-{encoder.card.id}.npz" if cache else None
    if kept and kept.exists():
        with np.load(kept) as file:
            return Embeddings(file["vectors"], file["tokens"], file["weights"])

    def read(seed: int) -> Embeddings:
        writer = Writer.from_seed(seed)
        specimens = [writer.specimen(n).mask for n in range(each)]
        return encoder.embed([signature_from_ink(mask) for mask in specimens])

    found = Embeddings.concatenate(spread(read, range(first, first + writers)))
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, vectors=found.vectors, tokens=found.tokens, weights=found.weights)
    return found


def measure_invented(
    encoder: Encoder, most: int, number: int, draws: int, cache: Path | None
) -> None:
    strangers = invented(encoder, 10**6, INVENTED * draws, 1, cache)
    enrolled = invented(encoder, 0, LARGEST * most, number + 1, cache)
    readings = Embeddings.concatenate([strangers, enrolled])
    base = len(strangers)
    for size in (n for n in (50, 500, 5000) if n <= most):
        splits = []
        # Of other writers each, and asked by other strangers: some come near many.
        for gallery in range(min(draws, LARGEST * most // size)):
            place = [base + (number + 1) * (gallery * size + w) for w in range(size)]
            splits.append(
                Split(
                    references=[p + n for p in place for n in range(number)],
                    names=[f"w{w}" for w in range(size) for _ in range(number)],
                    strangers=range(INVENTED * gallery, INVENTED * (gallery + 1)),
                    mates=[(place[w] + number, f"w{w}") for w in range(min(size, 300))],
                )
            )
        measure("invented", encoder, readings, splits, number)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help=f"holds {', '.join(FOLDERS)}")
    parser.add_argument("--sets", nargs="+", choices=FOLDERS, default=FOLDERS)
    parser.add_argument("--protocol", default="unseen-writers-1")
    parser.add_argument("--role", default="test", choices=("train", "validation", "test"))
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--cache", type=Path, help="where readings are kept between runs")
    parser.add_argument("--references", type=int, nargs="+", default=[3])
    parser.add_argument("--share", type=float, default=2 / 3, help="of the hands are enrolled")
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--synthetic", type=int, help="galleries of up to so many invented writers")
    given = parser.parse_args()
    encoder = Encoder.load(given.encoder, threads=1)
    if given.synthetic:
        for number in given.references:
            measure_invented(encoder, given.synthetic, number, given.draws, given.cache)
        return
    if not given.data:
        parser.error("give --data or --synthetic")
    protocol = Protocol.load(given.protocol)
    for dataset in datasets_of(given.data, protocol, given.role, given.sets):
        used, readings = read_embeddings(dataset, encoder, given.cache)
        for number in given.references:
            splits = [split_of(used, given.share, number, 10, s) for s in range(given.draws)]
            if not all(split.references for split in splits):
                print(f"{dataset.name}: no writers with {number} references and one to ask with")
                continue
            measure(dataset.name, encoder, readings, splits, number)


if __name__ == "__main__":
    main()
