"""An index in a database beside the same one in a folder: from opening to answering.

    python scripts/benchmarks/postgres_load.py runs/bench/1000000 runs/postgres    # makes both
    python scripts/benchmarks/postgres.py runs/bench/1000000 runs/postgres --out postgres.json

Each process is a new one where it says so; the database has fsync on.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from measure import K, machine, memory, result_of
from postgres_load import templates

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from running_postgres import SAFE, PostgresServer

from sigsearch.arrays import Singles
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.answering import DEFAULT_CANDIDATES
from sigsearch.engine.signature_index import SignatureIndex
from sigsearch.index import Reference
from sigsearch.index.opening import open_index

SETTINGS = SAFE | {"shared_buffers": "2GB", "max_wal_size": "2GB"}
SPLIT, COMMITS = 100, 40


def quantiles(spent: list[float]) -> dict[str, float]:
    """Of seconds, in milliseconds; on a busy machine the quickest tenth was disturbed least."""
    return {
        "10th percentile, ms": round(1000 * float(np.quantile(spent, 0.1)), 2),
        "median, ms": round(1000 * float(np.median(spent)), 2),
        "95th percentile, ms": round(1000 * float(np.quantile(spent, 0.95)), 2),
    }


def ready(place: str, question: Singles) -> dict[str, Any]:
    """How long until a new process has answered its first question; then the next ones."""
    before, began, used = memory(), time.perf_counter(), time.process_time()
    with open_index(place, read_only=True) as index:
        index.search(question[0], DEFAULT_CANDIDATES)
        told: dict[str, Any] = {
            "ready, s": round(time.perf_counter() - began, 2),
            "of the processor, s": round(time.process_time() - used, 2),
        }
        told["structure"] = index.info().structure
        spent = []
        for one in question[1:100]:
            began = time.perf_counter()
            index.search(one, DEFAULT_CANDIDATES)
            spent.append(time.perf_counter() - began)
        grown = memory()["anonymous"] - before["anonymous"]
        return {**told, "search": quantiles(spent), "memory, bytes": grown}


class Asker:
    """One of the indexes, and the seconds of each part of its queries."""

    def __init__(self, place: str, encoder: Encoder) -> None:
        self.own = SignatureIndex.open(place, encoder, read_only=True)
        self.spent: dict[str, list[float]] = {}

    def timed(self, what: str, work: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        found = work()
        self.spent.setdefault(what, []).append(time.perf_counter() - began)
        return found

    def ask(self, reading: Embeddings) -> None:
        """A query after its encoding, as `identify` puts it."""
        own = self.own
        judge = self.timed("is the judge up to date", lambda: own.judge)
        found = self.timed(
            "search of 50 writers", lambda: own.index.search(reading.vectors, DEFAULT_CANDIDATES)
        )
        names = found.writers[0].tolist()
        held = self.timed("their references", lambda: own.index.references_of(names))
        scores = own._own_judge.scores
        self.timed("their scores", lambda: [scores(judge, reading, them) for them in held])

    def told(self, asked: Singles, truth: Singles) -> dict[str, Any]:
        index = self.own.index
        firsts = [index.search(asked[n : n + 100], K).writers[:, 0]
                  for n in range(0, len(asked), 100)]  # fmt: skip
        found = np.array([int(one.split()[1]) for one in np.concatenate(firsts)])
        info = index.info()
        return {
            "structure": info.structure, "code": info.code,
            "agreement": float((found == truth).mean()),
            **{what: quantiles(them) for what, them in self.spent.items()},
        }  # fmt: skip


def split(places: list[str], asked: Singles, truth: Singles) -> dict[str, Any]:
    """What a query takes, by its parts, in turns; and how often the closest writer is first."""
    encoder = Encoder.load()
    shape = encoder.card.token_shape
    size = shape[0] * shape[1] * (shape[2] + 1)
    tokens = [one[:size] for one in templates(encoder, 32)]
    askers = [Asker(place, encoder) for place in places]
    for row in range(-5, SPLIT):
        if row == 0:
            for one in askers:
                one.spent.clear()
        reading = Embeddings.from_parts(asked[max(row, 0)][None], [tokens[row % 32]], shape)
        for one in askers:
            one.ask(reading)
    told = {
        name: one.told(asked, truth)
        for name, one in zip(("folder", "database"), askers, strict=True)
    }
    for one in askers:
        one.own.close()
    return told


def newcomers(asked: Singles) -> list[Reference]:
    rng = np.random.default_rng(1)
    far = rng.normal(size=(COMMITS, asked.shape[1])).astype(np.float32)
    far /= np.linalg.norm(far, axis=1, keepdims=True)
    stamp = time.time_ns()
    return [Reference(f"newcomer {n}", one, b"", f"{stamp + n:064x}") for n, one in enumerate(far)]


def wait_for(place: str, asked: Singles) -> dict[str, Any]:
    """Ask for each newcomer until it is found; when that was."""
    when = []
    with open_index(place, read_only=True) as index:
        index.search(asked[0], 1)
        print("READY", flush=True)
        for one in newcomers(asked):
            while index.search(one.vector, 1).writers[0][0] != one.writer:
                pass
            when.append(time.monotonic())
            print(len(when), flush=True)
    return {"when": when}


def commits(folder: Path, place: str, asked: Singles) -> dict[str, Any]:
    """From the acknowledgement of an enrolment to the answer that has it, in another process."""
    acknowledged, spent = [], []
    other = subprocess.Popen(command(folder, "wait_for", place), stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    with open_index(place) as index:
        index._searches_only = True  # no structure is built at its end
        assert other.stdout.readline() == "READY\n"
        for one in newcomers(asked):
            began = time.perf_counter()
            index.enrol([one])
            acknowledged.append(time.monotonic())
            spent.append(time.perf_counter() - began)
            other.stdout.readline()
        when = result_of(other.communicate()[0])["when"]
        for one in newcomers(asked):
            index.forget(one.writer)
    late = [max(0.0, found - done) for found, done in zip(when, acknowledged, strict=True)]
    return {"enrolment": quantiles(spent), "commit to findable elsewhere": quantiles(late)}


def command(folder: Path, *role: str) -> list[str]:
    return [sys.executable, __file__, str(folder), ".", "--role", *role]


def in_a_new_process(folder: Path, *role: str) -> dict[str, Any]:
    done = subprocess.run(command(folder, *role), stdout=subprocess.PIPE, text=True, check=True)
    return result_of(done.stdout)


def measure(folder: Path, work: Path) -> dict[str, Any]:
    asked = np.load(folder / "queries.npy")
    server = PostgresServer(SETTINGS, kept=work / "server")
    told: dict[str, Any] = {"machine": machine()}

    def tell(name: str, found: dict[str, Any]) -> None:
        told[name] = found | {"load": round(os.getloadavg()[0], 1)}
        print(name, json.dumps(told[name]), flush=True)

    try:
        plain, own = server.address("bench"), str(work / "embedded")
        cached = f"{plain}&cache={work / 'cache'}"
        if not (work / "cache").exists():
            with open_index(cached) as index:
                began = time.perf_counter()
                index.optimise()
                tell("structure", {"built, s": round(time.perf_counter() - began, 1)})
        tell("query", in_a_new_process(folder, "split", own, cached))
        tell("new process, from the cache folder", in_a_new_process(folder, "ready", cached))
        tell("commits", commits(folder, cached, asked))
        tell("new process, folder", in_a_new_process(folder, "ready", own))
        tell("new process, from the database", in_a_new_process(folder, "ready", plain))
    finally:
        server.stop()
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vectors", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--role", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if not given.role:
        found = json.dumps(measure(given.vectors, given.work), indent=1)
        print(found)
        if given.out:
            given.out.write_text(found)
        return
    asked = np.load(given.vectors / "queries.npy")
    what, *places = given.role
    if what == "split":
        told = split(places, asked, np.load(given.vectors / "truth.npy"))
    else:
        told = {"ready": ready, "wait_for": wait_for}[what](places[0], asked)
    print("RESULT " + json.dumps(told))


if __name__ == "__main__":
    main()
