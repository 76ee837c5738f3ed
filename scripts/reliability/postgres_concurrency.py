"""Eight processes enrol and forget the same writers in a database while eight ask.

A writer comes and goes with three references in one transaction, so nobody may ever be seen with
another number. Whoever asks notes the generation and who was found; all answers of one generation,
by whichever process, must be the same.

    python scripts/reliability/postgres_concurrency.py --seconds 60
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from concurrency import EVERYBODY, digest
from crashes import IDENTITY, reference
from running_postgres import SAFE, PostgresServer

from sigsearch.errors import WriterUnknown
from sigsearch.index.opening import check_index, create_index, open_index

WRITERS = 60


def write(address: str, seconds: float, seed: int) -> dict[str, int]:
    rng, changes = random.Random(seed), 0
    with open_index(address, IDENTITY) as index:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            name = f"writer {rng.randrange(WRITERS)}"
            try:
                if rng.random() < 0.4:
                    assert index.forget(name) == 3
                else:
                    assert index.enrol([reference(name, n) for n in range(3)]) in (0, 3)
                changes += 1
            except WriterUnknown:
                pass
    return {"changes": changes}


def ask(address: str, seconds: float, seed: int) -> dict[str, str]:
    rng, seen = random.Random(seed), dict[str, str]()
    with open_index(address, IDENTITY, read_only=True) as index:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            name = f"writer {rng.randrange(WRITERS)}"
            found = index.search(reference(name, 0).vector, EVERYBODY)
            assert (found.reference_counts == 3).all(), "a torn writer"
            told = digest(list(found.writers[0]))
            assert seen.setdefault(str(found.generation), told) == told, (
                "one generation, two answers"
            )
            assert {len(held) for held in index.references_of([name])} <= {0, 3}, "a torn writer"
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=8, help="of each kind")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--role", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.role:
        kind, address, seed = asked.role
        print(json.dumps((write if kind == "write" else ask)(address, asked.seconds, int(seed))))
        return
    server = PostgresServer(SAFE)
    try:
        address = server.address("several")
        create_index(address, IDENTITY).close()
        roles = [(kind, str(n)) for kind in ("write", "ask") for n in range(asked.processes)]
        common = [sys.executable, __file__, "--seconds", str(asked.seconds), "--role"]
        running = [
            subprocess.Popen([*common, kind, address, seed], stdout=subprocess.PIPE, text=True)
            for kind, seed in roles
        ]
        told = [json.loads(process.communicate()[0]) for process in running]
        health = check_index(address)
    finally:
        server.stop()
    history: dict[str, set[str]] = {}
    for (kind, _), answer in zip(roles, told, strict=True):
        for generation, names in answer.items() if kind == "ask" else ():
            history.setdefault(generation, set()).add(names)
    assert all(len(names) == 1 for names in history.values()), "one generation, two answers"
    assert health.sound, health.problems
    changes = sum(answer["changes"] for answer in told[: asked.processes])
    shared = sum(len(answer) for answer in told[asked.processes :])
    print({"changes": changes, "generations seen": len(history), "answers to compare": shared})


if __name__ == "__main__":
    main()
