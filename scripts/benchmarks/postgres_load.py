"""The same references in an index in a folder and in one in a database, for postgres.py.

    python scripts/benchmarks/vectors.py base.npz
    python scripts/benchmarks/prepared.py base.npz runs/bench --sizes 1000000 --engines
    python scripts/benchmarks/postgres_load.py runs/bench/1000000 runs/postgres

The vectors are those of the first folder, ten a writer; each reference has the local reading of a
drawn signature. A second call goes on where the first one ended.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from running_postgres import QUICK, PostgresServer

from sigsearch.encoder import Encoder
from sigsearch.engine.enrolment import identity_of
from sigsearch.engine.template import pack_template
from sigsearch.imaging import signature_from_ink
from sigsearch.index import EmbeddedIndex, Reference
from sigsearch.index.copying import copy_index
from sigsearch.index.postgres.postgres_index import PostgresIndex
from sigsearch.synthesis import Writer

EACH, TEMPLATES, BATCH = 10, 480, 10_000
LOADING = QUICK | {"shared_buffers": "512MB", "max_wal_size": "2GB", "wal_level": "minimal",
                   "max_wal_senders": "0"}  # fmt: skip


def templates(encoder: Encoder, count: int = TEMPLATES) -> list[bytes]:
    """What is kept of drawn signatures beside their vectors."""
    drawn = [
        signature_from_ink(Writer.from_seed(n // EACH).specimen(n % EACH).mask)
        for n in range(count)
    ]
    kept = []
    for start in range(0, count, 32):
        some = drawn[start : start + 32]
        read = encoder.embed(some)
        kept += [pack_template(read, n, one) for n, one in enumerate(some)]
    return kept


def fill(index: EmbeddedIndex, vectors: Path, kept: list[bytes]) -> None:
    rows = np.load(vectors / "references.npy", mmap_mode="r")
    for start in range(len(index), len(rows), BATCH):
        index.enrol(
            [
                Reference(
                    f"writer {row // EACH}", one, kept[row * 7919 % TEMPLATES], f"{row:064x}",
                    f"{row}.png",
                )
                for row, one in enumerate(np.asarray(rows[start : start + BATCH]), start)
            ]
        )  # fmt: skip


def timed(told: dict[str, Any], name: str, began: float) -> None:
    told[name] = round(time.perf_counter() - began, 1)
    print(name, told[name], f"load {os.getloadavg()[0]:.1f}", flush=True)


def load(vectors: Path, work: Path) -> dict[str, Any]:
    told: dict[str, Any] = {}
    work.mkdir(parents=True, exist_ok=True)
    encoder = Encoder.load()
    identity = identity_of(encoder)
    began = time.perf_counter()
    with EmbeddedIndex.create(work / "embedded", identity, sync="lazy", exist_ok=True) as old:
        fill(old, vectors, templates(encoder))
        timed(told, "enrolled in a folder, s", began)
        server = PostgresServer(LOADING, kept=work / "server")
        try:
            with PostgresIndex.create(server.address("bench"), identity, exist_ok=True) as new:
                began = time.perf_counter()
                copy_index(old, new)
                timed(told, "copied to the database and compared, s", began)
                server.ask("VACUUM ANALYZE")
                told["references"] = len(new)
                told["bytes"] = {"folder": old.info().bytes, "database": new.info().bytes}
        finally:
            server.stop()
        began = time.perf_counter()
        if old.info().recall is None:
            old.optimise()
            timed(told, "search structure of the folder built, s", began)
    return told


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vectors", type=Path, help="a folder of scripts/benchmarks/prepared.py")
    parser.add_argument("work", type=Path, help="where both are kept")
    given = parser.parse_args()
    found = load(given.vectors, given.work)
    (given.work / "loaded.json").write_text(json.dumps(found, indent=1))
    print(json.dumps(found, indent=1))
