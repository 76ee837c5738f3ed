"""Flips a byte in any file of an index, at a thousand places and more, and asks the index for
everything it knows. Every answer must be right, or the damage named; never wrong, never a crash.

    python scripts/reliability/flipped_bytes.py --places 1500
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from crashes import IDENTITY, limit_structures, reference

from sigsearch.errors import IndexFault
from sigsearch.index import WriterIndex

RIGHT, WRONG, NAMED, UNNAMED = range(4)
OUTCOMES = ("right", "WRONG", "named", "UNNAMED ERROR")


def build(root: Path, key: bytes | None) -> list[str]:
    """An index with a past: enrolments, removals, a setting, a snapshot."""
    with WriterIndex.create(root, IDENTITY, key=key) as index:
        for start in range(0, 60, 6):
            some = range(start, start + 6)
            index.enrol([reference(f"writer {w}", n) for w in some for n in range(1 + w % 3)])
        for gone in (7, 30):
            index.forget(f"writer {gone}")
        index.put_setting("calibration", {"a": 1})
        index.optimise()
        return [writer.name for writer in index.writers()]


def everything(root: Path, names: list[str], key: bytes | None) -> str:
    """A digest of the answers to all that can be asked."""
    with WriterIndex.open(root, key=key, read_only=True) as index:
        asked = np.stack([reference("asked", number).vector for number in range(6)])
        found = index.search(asked, 4)
        held = {name: index.references(name) for name in names}
        answers = [
            found.writers.tolist(),
            np.round(found.similarity, 4).tolist(),
            sorted((writer.name, writer.reference_count) for writer in index.writers()),
            [(one.to_dict(), one.local, one.vector.tobytes()) for n in names for one in held[n]],
            [index.has(one.content_hash, name) for name in names for one in held[name]],
            index.has("0" * 64),
            index.setting("calibration"),
            len(index),
        ]
    return hashlib.sha256(repr(answers).encode()).hexdigest()


def attempt(root: Path, names: list[str], key: bytes | None, expected: str) -> int:
    """The outcome in a child process, so that a crash is seen; negative: the signal."""
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        try:
            outcome = RIGHT if everything(root, names, key) == expected else WRONG
        except IndexFault:
            outcome = NAMED
        except Exception:
            outcome = UNNAMED
        os._exit(outcome)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def flip(path: Path, rng: random.Random) -> tuple[int, int]:
    place, change = rng.randrange(path.stat().st_size), rng.choice([1 << b for b in range(8)])
    with open(path, "r+b") as file:
        file.seek(place)
        old = file.read(1)[0]
        file.seek(place)
        file.write(bytes([old ^ change]))
    return place, change


def in_child(work: Callable[[], object], out: Path) -> Any:
    """What `work` returns, as JSON, from a child: the parent opens no index for others to
    inherit."""
    child = os.fork()
    if child == 0:
        out.write_text(json.dumps(work()))
        os._exit(0)
    os.waitpid(child, 0)
    return json.loads(out.read_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--places", type=int, default=1500, help="per kind of index")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    faiss.omp_set_num_threads(1)
    rng, failed = random.Random(options.seed), 0
    kinds = (("numpy", None), ("clusters", None), ("numpy", bytes(range(32))))
    for structures, key in kinds:
        limit_structures(structures)
        base = Path(tempfile.mkdtemp())
        sound, damaged = base / "sound", base / "damaged"
        names = in_child(partial(build, sound, key), base / "answer.json")
        expected = in_child(partial(everything, sound, names, key), base / "answer.json")
        files = [path for path in sound.rglob("*") if path.is_file() and path.stat().st_size]
        outcomes: Counter[tuple[str, str]] = Counter()
        for number in range(options.places):
            path = rng.choice(files) if number % 2 else max(files, key=lambda f: f.stat().st_size)
            shutil.rmtree(damaged, ignore_errors=True)
            shutil.copytree(sound, damaged)
            target = damaged / path.relative_to(sound)
            place, change = flip(target, rng)
            code = attempt(damaged, names, key, expected)
            outcome = OUTCOMES[code] if code >= 0 else f"CRASH {signal.Signals(-code).name}"
            outcomes[path.name, outcome] += 1
            if outcome not in ("right", "named"):
                failed += 1
                print(f"{outcome}: {path.relative_to(sound)} at {place}, bits {change:#x}")
        kind = structures + (" encrypted" if key else "")
        table = {f"{name}: {outcome}": n for (name, outcome), n in sorted(outcomes.items())}
        print(json.dumps({"index": kind, "places": options.places, "outcomes": table}, indent=1))
        shutil.rmtree(base)
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
