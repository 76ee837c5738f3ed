"""pgvector alone: the same vectors as 16-bit numbers under HNSW, asked for the closest.

    python scripts/benchmarks/pgvector.py runs/bench/1000000 runs/pgvector

The first folder is one of scripts/benchmarks/prepared.py; in the second the database is built and
stays. The effort (hnsw.ef_search) is raised until the closest writer is found as often as wanted.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from running_postgres import QUICK, PostgresServer

from sigsearch.arrays import Singles

EACH, BATCH, ASKED = 10, 20_000, 50
EFFORTS = (50, 64, 80, 100, 128, 160, 200, 256, 320, 400, 500, 640, 800, 1000)
SETTINGS = QUICK | {
    "shared_buffers": "2GB", "max_wal_size": "4GB", "wal_level": "minimal", "max_wal_senders": "0",
    "maintenance_work_mem": "3GB", "max_parallel_maintenance_workers": "1",
}  # fmt: skip
CLOSEST = "SELECT writer FROM vectors ORDER BY vector <#> %s::halfvec LIMIT %s"


def rows(vectors: Singles, first: int) -> bytes:
    """In the binary format of COPY."""
    dimensions = vectors.shape[1]
    kinds = [
        ("fields", ">i2"), ("size", ">i4"), ("writer", ">i8"), ("length", ">i4"),
        ("dimensions", ">i2"), ("unused", ">i2"), ("vector", ">f2", (dimensions,)),
    ]  # fmt: skip
    made = np.zeros(len(vectors), kinds)
    made["fields"], made["size"], made["length"] = 2, 8, 4 + 2 * dimensions
    made["writer"] = np.arange(first, first + len(vectors)) // EACH
    made["dimensions"], made["vector"] = dimensions, vectors
    return made.tobytes()


def build(connection: Any, vectors: Singles) -> dict[str, float]:
    began = time.perf_counter()
    connection.execute("CREATE EXTENSION vector")
    dimensions = vectors.shape[1]
    connection.execute(f"CREATE TABLE vectors (writer bigint, vector halfvec({dimensions}))")
    copied = "COPY vectors FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(copied) as sent:
        sent.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        for start in range(0, len(vectors), BATCH):
            sent.write(rows(np.asarray(vectors[start : start + BATCH]), start))
        sent.write(b"\xff\xff")
    loaded = time.perf_counter()
    connection.execute("CREATE INDEX ON vectors USING hnsw (vector halfvec_ip_ops)")
    connection.execute("VACUUM ANALYZE vectors")
    return {"copied, s": round(loaded - began, 1),
            "HNSW built, s": round(time.perf_counter() - loaded, 1)}  # fmt: skip


def ask(connection: Any, asked: list[str], effort: int) -> tuple[list[int], list[float]]:
    """The writer found first, and the milliseconds that each question took."""
    connection.execute(f"SET hnsw.ef_search = {effort}")
    found, spent = [], []
    for one in asked:
        began = time.perf_counter()
        closest = connection.execute(CLOSEST, [one, ASKED]).fetchall()
        spent.append(1000 * (time.perf_counter() - began))
        found.append(closest[0][0])
    return found, spent


def measure(folder: Path, work: Path, wanted: float, efforts: Sequence[int]) -> dict[str, Any]:
    import psycopg

    vectors = np.load(folder / "references.npy", mmap_mode="r")
    truth = np.load(folder / "truth.npy")
    asked = [
        "[" + ",".join(f"{x:.7g}" for x in one) + "]" for one in np.load(folder / "queries.npy")
    ]
    told: dict[str, Any] = {"references": len(vectors)}
    work.mkdir(parents=True, exist_ok=True)
    server = PostgresServer(SETTINGS, kept=work / "server")
    try:
        dsn = f"host={server.folder} port={server.port} user=postgres dbname=postgres"
        with psycopg.connect(dsn, autocommit=True, prepare_threshold=1) as connection:
            built = work / "built.json"
            if not built.exists():
                built.write_text(json.dumps(build(connection, vectors)))
            told |= json.loads(built.read_text())
            (told["bytes"],) = connection.execute(
                "SELECT pg_total_relation_size('vectors')"
            ).fetchone()
            (told["pgvector"],) = connection.execute(
                "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
            ).fetchone()
            ask(connection, asked[:200], 100)
            for effort in efforts:
                found, spent = ask(connection, asked, effort)
                agreement = float((np.array(found) == truth).mean())
                line = {
                    "effort": effort, "agreement": round(agreement, 4),
                    "10th percentile, ms": round(float(np.quantile(spent, 0.1)), 2),
                    "median, ms": round(float(np.median(spent)), 2),
                    "95th percentile, ms": round(float(np.quantile(spent, 0.95)), 2),
                    "load": os.getloadavg()[0],
                }  # fmt: skip
                print(line, flush=True)
                told.setdefault("asked", []).append(line)
                if agreement >= wanted:
                    break
    finally:
        server.stop()
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vectors", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--agreement", type=float, default=0.99)
    parser.add_argument("--efforts", type=int, nargs="+", default=EFFORTS)
    given = parser.parse_args()
    print(json.dumps(measure(given.vectors, given.work, given.agreement, given.efforts), indent=1))


if __name__ == "__main__":
    main()
