"""Eight processes read while one writes; every answer must be that of some generation.

The writer enrols, forgets and now and then compacts the index, and notes the writers of every
generation. The readers search for all writers and read references; afterwards each answer is
compared with what the writer noted for its generation.

    python scripts/reliability/concurrency.py --readers 8 --seconds 60
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from crashes import IDENTITY, reference

from sigsearch.errors import WriterUnknown
from sigsearch.index import WriterIndex

EVERYBODY = 10**6


def digest(names: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]


def write(root: Path, log: Path, seconds: float) -> None:
    rng, present, end = random.Random(0), dict[str, int](), time.monotonic() + seconds
    changes = compactions = 0
    with WriterIndex.open(root) as index, open(log, "w", encoding="utf-8") as out:
        out.write(f"{index.generation} {digest([])}\n")
        while time.monotonic() < end:
            name = f"writer {rng.randrange(200)}"
            if rng.random() < 0.01:
                index.compact()
                compactions += 1
                # Renumbering takes two generations of the same content.
                out.write(f"{index.generation - 1} {digest(list(present))}\n")
            elif name in present:
                index.forget(name)
                del present[name]
            else:
                present[name] = index.enrol([reference(name, n) for n in range(3)])
            out.write(f"{index.generation} {digest(list(present))}\n")
            changes += 1
    print(json.dumps({"changes": changes, "compactions": compactions}))


def read(root: Path, log: Path, seconds: float, seed: int) -> None:
    rng, end = random.Random(seed), time.monotonic() + seconds
    with WriterIndex.open(root, read_only=True) as index, open(log, "w", encoding="utf-8") as out:
        while time.monotonic() < end:
            name = f"writer {rng.randrange(200)}"
            found = index.search(reference(name, 0).vector, EVERYBODY)
            names = list(found.writers[0])
            assert (found.reference_counts == 3).all()
            out.write(f"{found.generation} {digest(names)}\n")
            try:
                held = index.references(name)
            except WriterUnknown:
                continue
            expected = [reference(name, n) for n in range(3)]
            assert [one.vector.tobytes() for one in held] == [
                one.vector.tobytes() for one in expected
            ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--role", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role:
        kind, root, log = options.role
        if kind == "write":
            write(Path(root), Path(log), options.seconds)
        else:
            read(Path(root), Path(log), options.seconds, int(kind))
        return
    folder = Path(tempfile.mkdtemp())
    WriterIndex.create(folder / "index", IDENTITY).close()
    roles = ["write", *map(str, range(options.readers))]
    common = [sys.executable, __file__, "--seconds", str(options.seconds), "--role"]
    running = [
        subprocess.Popen([*common, role, str(folder / "index"), str(folder / role)])
        for role in roles
    ]
    codes = [process.wait() for process in running]
    history = dict(line.split() for line in (folder / "write").read_text().splitlines())
    answers = [
        line.split() for role in roles[1:] for line in (folder / role).read_text().splitlines()
    ]
    wrong = [(g, names) for g, names in answers if history.get(g) != names]
    shutil.rmtree(folder)
    seen = len({generation for generation, _ in answers})
    summary = {"answers": len(answers), "generations_seen": seen, "wrong": len(wrong)}
    print(json.dumps({**summary, "failed_processes": sum(map(bool, codes))}))
    raise SystemExit(1 if wrong or any(codes) else 0)


if __name__ == "__main__":
    main()
