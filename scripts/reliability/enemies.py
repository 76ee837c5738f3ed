"""Alters every kind of file that an index reads, as an enemy would, with fresh hashes where there
are any, and asks all that can be asked. Every answer is an answer or an error with a name, and
nothing outside the index changes.

    python scripts/reliability/enemies.py --mutations 20000

Indexes are of this format, of the one before, and encrypted. A process of its own does some hundred
mutations, so that one that kills it is counted, too; so is a question that takes the
processor for more than `HANGS` seconds, waits for `WAITS`, or takes more than `MOST` bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lmdb
import numpy as np
from crashes import IDENTITY, limit_structures, reference
from faults import KEYS, make_older
from mutations import DEEP, bytes_of, json_of, put_in_place, sealed

from sigsearch.encoder import Encoder, shipped_folder
from sigsearch.errors import SigsearchError
from sigsearch.index import WriterIndex
from sigsearch.index.care.decision_log import DecisionLog
from sigsearch.index.care.integrity import check_index
from sigsearch.index.care.migration import migrate_index
from sigsearch.index.care.proof import forget_with_proof
from sigsearch.index.care.repair import repair_index
from sigsearch.index.care.transfer import export_index, settings_in, take_in
from sigsearch.matching.calibration import CalibrationSet

Ask = Callable[[], object]
AT_ONCE = 250
SLOW, LARGE = 2.0, 500  # seconds, MiB
HANGS, WAITS, MOST = 20, 600, 4 << 30  # seconds, seconds, bytes
TOLD = "told"  # a file
INDEXES = {"index": None, "older": None, "sealed": KEYS[1]}


class Stage:
    """Sound files of every kind under `sound`, a copy to alter, and what must not change."""

    def __init__(self, root: Path) -> None:
        self.sound, self.copy, self.outside = root / "sound", root / "copy", root / "outside"

    def build(self) -> None:
        limit_structures("clusters")
        self.sound.mkdir()
        for name, key in INDEXES.items():
            with WriterIndex.create(self.sound / name, IDENTITY, key=key) as index:
                index.enrol([reference(f"writer {w}", n) for w in range(12) for n in range(5)])
                index.forget("writer 3")
                index.put_setting("calibration", {"a": 1})
                if name == "older":
                    make_older(index, key)
                for number in range(4):
                    DecisionLog(index).append("verify", {"number": number}, ["writer 1"])
                index.optimise()
                export_index(index, self.sound / "out.parquet")
        model = self.sound / "model"
        shutil.copytree(shipped_folder(), model)
        (self.outside / "inner").mkdir(parents=True)
        for name in ("a", "inner/b", "inner/data.mdb"):
            (self.outside / name).write_bytes(b"somebody else's " * 300)

    def look(self) -> list[tuple[str, bytes]]:
        files = sorted(path for path in self.outside.rglob("*") if path.is_file())
        return [(str(path), path.read_bytes()) for path in files]

    def fresh(self, *names: str) -> Path:
        shutil.rmtree(self.copy, ignore_errors=True)
        self.copy.mkdir()
        for name in names:
            source = self.sound / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, self.copy / name)
        return self.copy

    def fresh_index(self, rng: random.Random) -> Path:
        name = rng.choice(("index", *INDEXES))
        return self.fresh(name) / name


def store_of(root: Path) -> Path:
    (found,) = root.glob("store-*")
    return found


def asked_of_index(root: Path, rng: random.Random) -> Iterator[Ask]:
    """Reading, and one of the ways of writing."""
    key = INDEXES[root.name]

    def read() -> None:
        with WriterIndex.open(root, key=key, read_only=True) as index:
            index.info()
            names = [writer.name for writer in index.writers()]
            index.references_of(names)
            index.search(np.stack([reference("asked", n).vector for n in range(3)]), 4)
            index.search(reference("asked", 0).vector, 2, {"batch": "a"})
            index.setting("calibration")

    def log() -> None:
        with WriterIndex.open(root, key=key, read_only=True) as index:
            list(DecisionLog(index).entries())
            DecisionLog(index).append("verify", {"number": 9})

    def write() -> None:
        with WriterIndex.open(root, key=key, wait=0.2) as index:
            index.enrol([reference("fresh", 1)])
            index.forget("writer 5")
            index.optimise()
            index.compact(patience=0.1)

    def erase() -> None:
        nonlocal key
        with WriterIndex.open(root, key=key, wait=0.2) as index:
            new = KEYS[2] if key else None
            forget_with_proof(index, "writer 1", patience=0.1, new_key=new)
        key = new

    yield read
    yield lambda: check_index(root, key)
    yield rng.choice((log, write, erase, lambda: migrate_index(root, key, wait=0.2), log))
    yield lambda: repair_index(root, key)
    yield read


def manifest(stage: Stage, rng: random.Random) -> Iterator[Ask]:
    root = stage.fresh_index(rng)
    name = rng.choice(("index.json", "index.json", "neighbours.json", "index.copy.json"))
    content = json.loads((root / name).read_bytes())["content"]
    data = DEEP.encode() if rng.random() < 0.02 else sealed(json_of(content, rng))
    (root / name).write_bytes(data)
    return asked_of_index(root, rng)


def snapshot(stage: Stage, rng: random.Random) -> Iterator[Ask]:
    """A file of the search structure, with its new hash in the manifest."""
    import hashlib

    root = stage.fresh_index(rng)
    content = json.loads((root / "neighbours.json").read_bytes())["content"]
    file = root / content["folder"] / rng.choice(sorted(content["sha256"]))
    file.write_bytes(bytes_of(file.read_bytes(), rng))
    content["sha256"][file.name] = hashlib.sha256(file.read_bytes()).hexdigest()
    (root / "neighbours.json").write_bytes(sealed(content))
    return asked_of_index(root, rng)


def record(stage: Stage, rng: random.Random) -> Iterator[Ask]:
    """A record of the store, with a checksum that fits where there is one."""
    root = stage.fresh_index(rng)
    with lmdb.open(str(store_of(root))) as env, env.begin(write=True) as transaction:
        records = [pair for pair in transaction.cursor() if pair[0] != b"Mstate"]
        key, value = rng.choice(records)
        payload = bytes_of(value[:-4], rng)
        state = transaction.get(b"Mstate")[:-4]
        state = transaction.id().to_bytes(8, "little") + state[8:]
        for name, data in ((key, payload), (b"Mstate", state)):
            transaction.put(name, data + zlib.crc32(name + data).to_bytes(4, "little"))
    return asked_of_index(root, rng)


def pages(stage: Stage, rng: random.Random) -> Iterator[Ask]:
    """LMDB's own pages: whoever has them from elsewhere is to check them first."""
    root, sound = stage.fresh_index(rng), []
    file = store_of(root) / "data.mdb"
    file.write_bytes(bytes_of(file.read_bytes(), rng))

    def check() -> None:
        sound.append(check_index(root, INDEXES[root.name]).sound)

    yield check
    if sound == [True]:
        yield from asked_of_index(root, rng)


def log(stage: Stage, rng: random.Random) -> Iterator[Ask]:
    root = stage.fresh_index(rng)
    lines = (root / "audit.log").read_bytes()
    if rng.random() < 0.5:
        documents = [json.loads(line) for line in lines.splitlines()]
        at = rng.randrange(len(documents))
        documents[at] = json_of(documents[at], rng)
        lines = b"".join(json.dumps(one).encode() + b"\n" for one in documents)
    else:
        lines = bytes_of(lines, rng)
    (root / "audit.log").write_bytes(DEEP.encode() + b"\n" if rng.random() < 0.03 else lines)
    return asked_of_index(root, rng)


def place(stage: Stage, rng: random.Random) -> Iterator[Ask]:
    """A link, a folder, a FIFO or nothing where something of the index was."""
    root = stage.fresh_index(rng)
    put_in_place(rng.choice(sorted(root.rglob("*"))), stage.outside, rng)
    return asked_of_index(root, rng)


def parquet(stage: Stage, rng: random.Random) -> Iterator[Ask]:
    import pyarrow.parquet

    file = stage.fresh("index", "out.parquet") / "out.parquet"
    if rng.random() < 0.5:
        table = pyarrow.parquet.read_table(file)
        notes = dict(table.schema.metadata)
        name = rng.choice(sorted(notes))
        notes[name] = json.dumps(json_of(json.loads(notes[name]), rng)).encode()
        pyarrow.parquet.write_table(table.replace_schema_metadata(notes), file)
    else:
        file.write_bytes(bytes_of(file.read_bytes(), rng))

    def take() -> None:
        with WriterIndex.open(stage.copy / "index") as index:
            index.forget("writer 1")
            take_in(index, file)

    yield lambda: settings_in(file)
    yield take


def calibration(stage: Stage, rng: random.Random) -> Iterator[Ask]:
    file = stage.fresh() / "calibration.json"
    document = json.loads((stage.sound / "model" / "calibration.json").read_bytes())
    text = DEEP if rng.random() < 0.05 else json.dumps(json_of(document, rng))
    file.write_text(text)
    yield lambda: CalibrationSet.load(file)


def card(stage: Stage, rng: random.Random) -> Iterator[Ask]:
    folder = stage.fresh() / "model"
    folder.mkdir()
    for file in (stage.sound / "model").iterdir():
        if file.is_file():
            os.link(file, folder / file.name)
    document = json.loads((folder / "card.json").read_bytes())
    (folder / "card.json").unlink()
    text = DEEP if rng.random() < 0.05 else json.dumps(json_of(document, rng))
    (folder / "card.json").write_text(text)
    yield lambda: Encoder.load(folder)


def network(stage: Stage, rng: random.Random) -> Iterator[Ask]:
    from sigsearch.models.network import open_network

    files = sorted((stage.sound / "model").glob("*.onnx"), key=lambda file: file.stat().st_size)
    data = bytes_of(files[0].read_bytes(), rng)
    yield lambda: open_network(data, Path("altered.onnx"))


TARGETS = (
    manifest, manifest, snapshot, snapshot, record, record, pages, log, place, place, parquet,
    calibration, card, network,
)  # fmt: skip


def peak() -> int:
    """MiB that this process took at most since the last call."""
    try:
        status = Path("/proc/self/status").read_text()
        Path("/proc/self/clear_refs").write_text("5")
        return int(status.partition("VmHWM:")[2].split()[0]) >> 10
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def work(root: Path, seeds: range) -> None:
    """Two lines a mutation: what is altered; the seconds of each question, on the clock and of the
    processor, MiB, and what was raised without a name."""
    limit_structures("clusters")
    resource.setrlimit(resource.RLIMIT_DATA, (MOST, MOST))
    stage = Stage(root)
    before, told = stage.look(), open(root / TOLD, "w")  # noqa: SIM115 - other code writes to stdout
    for seed in seeds:
        rng = random.Random(seed)
        target = rng.choice(TARGETS)
        print(json.dumps([seed, target.__name__]), file=told, flush=True)
        held, raw = peak(), []
        seconds = []
        for ask in target(stage, rng):
            started, used = time.perf_counter(), time.process_time()
            signal.alarm(WAITS)
            signal.setitimer(signal.ITIMER_PROF, HANGS)
            try:
                ask()
            except SigsearchError:
                pass
            except Exception as fault:
                raw.append(f"{type(fault).__name__}: {str(fault)[:150]} {where(fault)}")
            signal.alarm(0)
            signal.setitimer(signal.ITIMER_PROF, 0)
            took = time.perf_counter() - started, time.process_time() - used
            seconds.append([round(one, 4) for one in took])
        if stage.look() != before:
            raw.append("something outside was changed")
            before = stage.look()
        print(json.dumps([seconds, max(0, peak() - held), raw]), file=told, flush=True)


def where(fault: BaseException) -> str:
    trace, place = fault.__traceback__, ""
    while trace is not None:
        code = trace.tb_frame.f_code
        if "sigsearch" in code.co_filename:
            place = f"({Path(code.co_filename).name}:{trace.tb_lineno})"
        trace = trace.tb_next
    return place


def attack(root: Path, start: int, count: int, timed: bool = True) -> dict[str, Any]:
    """What `count` mutations showed, from seed `start` on."""
    faults, seconds, sizes = Counter[str](), list[float](), list[int]()
    used = list[float]()
    at, end = start, start + count
    while at < end:
        last = min(at + AT_ONCE, end)
        asked = [sys.executable, __file__, "--work", str(root), str(at), str(last)]
        done = subprocess.run(asked, capture_output=True, text=True)
        lines = [json.loads(line) for line in (root / TOLD).read_text().splitlines()]
        for (seed, target), found in zip(lines[::2], lines[1::2], strict=False):
            took, size, raw = found
            seconds += [clock for clock, _ in took]
            used += [processor for _, processor in took]
            slowest = max((min(one) for one in took), default=0.0)
            sizes.append(size)
            faults.update(f"{target}: {fault} [seed {seed}]" for fault in raw)
            if timed and slowest > SLOW:
                faults[f"{target}: {slowest:.1f} s [seed {seed}]"] += 1
            if timed and size > LARGE:
                faults[f"{target}: {size} MiB [seed {seed}]"] += 1
        if len(lines) % 2:  # it died in the midst of one
            seed, target = lines[-1]
            faults[f"{target}: killed ({done.returncode}) [seed {seed}]"] += 1
            at = seed + 1
        elif done.returncode:
            raise RuntimeError(done.stderr)
        else:
            at = last
        print(f"{at - start} of {count}, {sum(faults.values())} faults", file=sys.stderr)
    return {
        "mutations": count,
        "faults": dict(faults),
        "median_ms": round(1000 * statistics.median(seconds), 1),
        "median_ms_of_processor": round(1000 * statistics.median(used), 1),
        "slowest_s": round(max(seconds), 2),
        "slowest_s_of_processor": round(max(used), 2),
        "largest_mib": max(sizes),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutations", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--names-only", action="store_true", help="whatever time it takes")
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        root, start, end = given.work
        work(Path(root), range(int(start), int(end)))
        return
    with tempfile.TemporaryDirectory() as folder:
        Stage(Path(folder)).build()
        found = attack(Path(folder), given.seed, given.mutations, not given.names_only)
        print(json.dumps(found, indent=1))
        sys.exit(bool(found["faults"]))


if __name__ == "__main__":
    main()
