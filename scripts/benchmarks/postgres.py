"""An index in a database beside one in a folder: loading, asking, and from commit to findable.

python scripts/benchmarks/postgres.py --references 100000
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from running_postgres import SAFE, PostgresServer

from sigsearch.index import EmbeddedIndex, EncoderIdentity, Index, Reference
from sigsearch.index.copying import copy_index
from sigsearch.index.postgres.postgres_index import PostgresIndex

DIMENSIONS, TOKENS, EACH, BATCH = 256, 3780, 4, 2048
IDENTITY = EncoderIdentity("benchmark", 1, DIMENSIONS)
SETTINGS = SAFE | {"shared_buffers": "512MB", "max_wal_size": "4GB"}


def drawn(start: int, count: int) -> list[Reference]:
    """References around the centres of their writers."""
    rng = np.random.default_rng(start)
    found = []
    for number in range(start, start + count):
        writer = number // EACH
        centre = np.random.default_rng(writer).normal(size=DIMENSIONS)
        vector = centre + 0.6 * rng.normal(size=DIMENSIONS)
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        unit = (vector / np.linalg.norm(vector)).astype(np.float32)
        found.append(Reference(f"writer {writer}", unit, rng.bytes(TOKENS), digest))
    return found


def seconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def asked(index: Index, questions: list[np.ndarray]) -> dict[str, float]:
    """Median milliseconds of a search for 50 writers, and of fetching their references."""
    search, fetch = [], []
    for question in questions:
        begun = time.perf_counter()
        found = index.search(question, 50)
        search.append(time.perf_counter() - begun)
        names = found.writers[0].tolist()
        fetch.append(seconds(lambda names=names: index.references_of(names)))
    return {
        "search of 50 writers, ms": round(1000 * float(np.median(search)), 2),
        "their references, ms": round(1000 * float(np.median(fetch)), 2),
    }


def measure(count: int) -> dict[str, Any]:
    told: dict[str, Any] = {"references": count}
    questions = [drawn(n * EACH, 1)[0].vector for n in range(0, count // EACH, count // EACH // 60)]
    server = PostgresServer(SETTINGS)
    with tempfile.TemporaryDirectory() as folder:
        try:
            root = Path(folder)
            with EmbeddedIndex.create(root / "embedded", IDENTITY, sync="lazy") as old:
                for start in range(0, count, BATCH):
                    old.enrol(drawn(start, min(BATCH, count - start)))
                old.optimise()
                address = server.address("bench")
                with PostgresIndex.create(address, IDENTITY) as new:
                    told["copied a second"] = round(count / seconds(lambda: copy_index(old, new)))
                    told["bytes"] = {"folder": old.info().bytes, "database": new.info().bytes}
                told["folder"] = asked(old, questions)
            server.ask("VACUUM ANALYZE")
            with PostgresIndex.open(address) as exact:
                told["ready from the database, s"] = round(
                    seconds(lambda: exact.search(questions[0], 1)), 2
                )
                told["exact in memory"] = asked(exact, questions)
                with PostgresIndex.open(address) as other:
                    delays = []
                    for n in range(40):
                        one = drawn(count + 8 * n, 1)
                        other.enrol(one)
                        delays.append(seconds(lambda one=one: exact.search(one[0].vector, 1)))
                    told["commit to answered elsewhere, ms, p95"] = round(
                        1000 * float(np.quantile(delays, 0.95)), 1
                    )
                    told["enrolments of 4 a second"] = round(
                        60
                        / seconds(lambda: [other.enrol(drawn(10**7 + 4 * n, 4)) for n in range(60)])
                    )
            cached = f"{address}&cache={root / 'cache'}"
            with PostgresIndex.open(cached) as clusters:
                told["structure built, s"] = round(seconds(clusters.optimise), 1)
            with PostgresIndex.open(cached) as again:
                told["ready from the cache folder, s"] = round(
                    seconds(lambda: again.search(questions[0], 1)), 2
                )
                told[again.info().structure] = asked(again, questions)
        finally:
            server.stop()
    return told


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--references", type=int, default=100_000)
    print(json.dumps(measure(parser.parse_args().references), indent=1))
