"""Kills a process at random instants of enrol, forget, snapshot and compaction, hundreds of times.

The worker writes a line before each operation and another when it was acknowledged. After each
kill the index is opened and compared, reference by reference and bit by bit, with what the lines
say: everything acknowledged is there, nothing else but (perhaps) the one operation under way.

    python scripts/reliability/crashes.py --kills 500
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from sigsearch.index import EncoderIdentity, Reference, WriterIndex
from sigsearch.index.care.integrity import check_index

IDENTITY = EncoderIdentity("crash-test", 1, 32)
WRITERS = 40
Truth = dict[str, dict[str, Reference]]


def reference(writer: str, number: int) -> Reference:
    digest = hashlib.sha256(f"{writer}/{number}".encode()).hexdigest()
    drawn = np.random.default_rng(int(digest[:12], 16)).normal(size=32)
    vector = (drawn / np.linalg.norm(drawn)).astype(np.float32)
    return Reference(writer, vector, bytes.fromhex(digest) * 40, digest)


def worker(root: Path, log: Path, seed: int, structures: str) -> None:
    """Change the index until killed."""
    limit_structures(structures)
    rng, out = random.Random(seed), os.open(log, os.O_WRONLY | os.O_APPEND)
    with WriterIndex.create(root, IDENTITY, exist_ok=True) as index:
        while True:
            operation = draw(rng, [writer.name for writer in index.writers()])
            os.write(out, (json.dumps(["begin", operation]) + "\n").encode())
            carry_out(index, operation)
            os.write(out, (json.dumps(["done", operation]) + "\n").encode())


def draw(rng: random.Random, present: list[str]) -> list[object]:
    kind = rng.choices(["enrol", "forget", "snapshot", "compact"], [60, 25, 10, 5])[0]
    if kind == "forget" and present:
        return ["forget", rng.choice(present)]
    if kind in ("snapshot", "compact"):
        return [kind]
    names = [f"writer {rng.randrange(WRITERS)}" for _ in range(rng.randint(1, 6))]
    return ["enrol", [(name, rng.randrange(8)) for name in names]]


def carry_out(index: WriterIndex, operation: list[object]) -> None:
    match operation:
        case ["enrol", list(batch)]:
            index.enrol([reference(*one) for one in batch])
        case ["forget", str(name)]:
            index.forget(name)
        case ["snapshot"]:
            index.optimise()
        case ["compact"]:
            index.compact()


def after(truth: Truth, operation: list[object]) -> Truth:
    result = {name: dict(held) for name, held in truth.items()}
    match operation:
        case ["enrol", list(batch)]:
            for name, number in batch:
                one = reference(name, number)
                result.setdefault(name, {}).setdefault(one.content_hash, one)
        case ["forget", str(name)]:
            del result[name]
    return result


def limit_structures(structures: str) -> None:
    """Make small indexes use the structures of large ones."""
    from sigsearch.index.search import searcher as search
    from sigsearch.index.search.structures import choice

    search.SNAPSHOT_FROM = 1
    choice.NUMPY_UP_TO, choice.EXACT_UP_TO = {
        "numpy": (10**6, 10**7), "flat": (1, 10**7), "clusters": (1, 40),
    }[structures]  # fmt: skip


def compare(root: Path, candidates: list[Truth]) -> Truth:
    """The one of the candidates that the index holds; raises AssertionError if it is none."""
    with WriterIndex.open(root, read_only=True) as index:
        held: Truth = {}
        for writer in index.writers():
            held[writer.name] = {one.content_hash: one for one in index.references(writer.name)}
            assert len(held[writer.name]) == writer.reference_count
        truth = next((one for one in candidates if equal(held, one)), None)
        assert truth is not None, "the index holds neither what was acknowledged nor one step more"
        assert len(index) == sum(map(len, truth.values()))
        some = random.sample(sorted(truth), min(5, len(truth)))
        for name in some:
            one = next(iter(truth[name].values()))
            found = index.search(one.vector, 1)[0][0]
            assert found.writer == name, "an enrolled vector does not find its own writer"
            assert abs(found.similarity - 1) < 1e-5
    return truth


def equal(held: Truth, truth: Truth) -> bool:
    return {name: set(them) for name, them in held.items()} == {
        name: set(them) for name, them in truth.items()
    } and all(
        one.vector.tobytes() == truth[name][key].vector.tobytes()
        and one.local == truth[name][key].local
        for name, them in held.items()
        for key, one in them.items()
    )


def kill_once(root: Path, log: Path, truth: Truth, seed: int, structures: str) -> tuple[Truth, str]:
    """Run a worker, kill it, compare; what the index holds, and what was under way."""
    log.write_text("")
    command = [sys.executable, __file__, "--worker", str(root), "--seed", str(seed)]
    process = subprocess.Popen([*command, "--log", str(log), "--structures", structures])
    while not log.read_text() and process.poll() is None:
        time.sleep(0.005)
    time.sleep(random.random() ** 2 * 0.5)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the worker ended by itself"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    for _, operation in (line for line in lines if line[0] == "done"):
        truth = after(truth, operation)
    open_ended = lines and lines[-1][0] == "begin"
    candidates = [truth, *([after(truth, lines[-1][1])] if open_ended else [])]
    return compare(root, candidates), lines[-1][1][0] if open_ended else "between"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--fresh-every", type=int, default=60, help="kills of one index")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--structures", choices=["numpy", "flat", "clusters", "all"], default="all")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--log", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        worker(options.worker, options.log, options.seed, options.structures)
        return
    random.seed(options.seed)
    kinds = ["numpy", "flat", "clusters"] if options.structures == "all" else [options.structures]
    under_way: Counter[str] = Counter()
    folder, truth = Path(tempfile.mkdtemp()), Truth()
    for kill in range(options.kills):
        if kill % options.fresh_every == 0:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            truth = {}
        structures = kinds[kill // options.fresh_every % len(kinds)]
        limit_structures(structures)
        seed = options.seed * 1_000_003 + kill
        truth, what = kill_once(folder / "index", folder / "log", truth, seed, structures)
        under_way[what] += 1
        if kill % 10 == 0:
            problems = check_index(folder / "index").problems
            assert not problems, problems
    shutil.rmtree(folder)
    print(json.dumps({"kills": options.kills, "under_way": dict(under_way), "faults": 0}))


if __name__ == "__main__":
    main()
