"""Every system call that changes a file fails, in turn, or succeeds and is lost in a crash.

    python scripts/reliability/faults.py

`faults.c` stands between this process and the C library. For each operation on an index:

* each call fails once, and each call and all after it fail, as on a full disk. The operation raises
  an error with a name or is done; afterwards the index holds what it held before, or what it holds
  after, where need be once it is repaired.
* the machine stops after each call. What is on the disk then is made three times: all that was
  written; only what was flushed; and names as they were written, with only the bytes that were
  flushed. The index opens to what it held before or after, or names the fault and opens so once it
  is repaired; when the operation was acknowledged, it opens to what it held after.
"""

from __future__ import annotations

import argparse
import ctypes
import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from crashes import IDENTITY, limit_structures, reference

from sigsearch.errors import IndexLocked, SigsearchError
from sigsearch.index import WriterIndex
from sigsearch.index.care.decision_log import DecisionLog
from sigsearch.index.care.migration import migrate_index
from sigsearch.index.care.proof import forget_with_proof
from sigsearch.index.care.repair import repair_index
from sigsearch.index.care.resealing import replace_seal
from sigsearch.index.care.transfer import export_index, take_in
from sigsearch.index.local.manifest import read_manifest
from sigsearch.index.local.sealing import seal_of
from sigsearch.index.seals.keys import Keys

HERE = Path(__file__).parent
KEYS = (None, bytes(range(32)), b"next" * 8)
Held = dict[str, list[str]]
Work = Callable[[Path], object]
T = TypeVar("T")


def built(folder: Path) -> Path:
    """The library that is put before the C library's."""
    made = folder / "faults.so"
    asked = ["cc", "-shared", "-fPIC", "-O1", "-o", made, HERE / "faults.c", "-ldl"]
    subprocess.run(asked, check=True, capture_output=True)
    return made


# -- what is done to the index `root/index`


def enrol(root: Path) -> None:
    with WriterIndex.open(root / "index") as index:
        index.enrol([reference(name, n) for name in ("fresh", "writer 1") for n in range(9)])


def forget(root: Path) -> None:
    with WriterIndex.open(root / "index") as index:
        index.forget("writer 2")


def compact(root: Path) -> None:
    with WriterIndex.open(root / "index") as index:
        index.compact()


def erase(root: Path) -> None:
    with WriterIndex.open(root / "index") as index:
        forget_with_proof(index, "writer 2", receipt=root / "receipt.json")


def repair(root: Path) -> None:
    repair_index(root / "index")


def optimise(root: Path) -> None:
    with WriterIndex.open(root / "index") as index:
        index.optimise()


def import_(root: Path) -> None:
    with WriterIndex.open(root / "index") as index:
        take_in(index, root / "out.parquet")


def create(root: Path) -> None:
    WriterIndex.create(root / "second", IDENTITY).close()


def note(root: Path) -> None:
    with WriterIndex.open(root / "index") as index:
        DecisionLog(index).append("verify", {"n": 2})


def migrate(root: Path) -> None:
    by_any_key(lambda key: migrate_index(root / "index", key))


def rekeyed(root: Path) -> None:
    """An erasure after which another key opens the index."""
    with WriterIndex.open(root / "index", key=KEYS[1]) as index:
        forget_with_proof(index, "writer 2", receipt=root / "receipt.json", new_key=KEYS[2])


def by_any_key(work: Callable[[bytes | None], T]) -> T:
    """What `work` gives with the key that the index has; both of an encrypted one are kept."""
    for key in KEYS[:-1]:
        with suppress(IndexLocked):
            return work(key)
    return work(KEYS[-1])


OPERATIONS: dict[str, Work] = {
    "enrol": enrol, "forget": forget, "compact": compact, "erase": erase, "repair": repair,
    "optimise": optimise, "import": import_, "create": create, "note": note,
    "migrate": migrate, "migrate encrypted": migrate, "rekeyed erasure": rekeyed,
}  # fmt: skip


def mend(root: Path, operation: str) -> str:
    """What a user would do next: a creation that was cut short is begun again."""
    if operation == "create":
        WriterIndex.create(root / "second", IDENTITY, exist_ok=True).close()
    else:
        by_any_key(lambda key: repair_index(root / "index", key))
    return "mended"


def prepare(root: Path, operation: str) -> None:
    key = KEYS[1] if operation in ("migrate encrypted", "rekeyed erasure") else None
    with WriterIndex.create(root / "index", IDENTITY, key=key) as index:
        index.enrol([reference(f"writer {w}", n) for w in range(4) for n in range(4)])
        index.forget("writer 3")
        if operation.startswith("migrate"):
            make_older(index, key)
        for number in range(2):
            DecisionLog(index).append("verify", {"n": number})
    if operation == "import":
        with WriterIndex.create(root / "other", IDENTITY) as other:
            other.enrol([reference("taken in", n) for n in range(6)])
            export_index(other, root / "out.parquet")
        shutil.rmtree(root / "other")
    if operation == "repair":
        (root / "index" / "index.json").unlink()


def make_older(index: WriterIndex, key: bytes | None) -> None:
    """An index as format 1 has it."""
    sealing = read_manifest(index.path)["sealing"]
    if key:
        salt = bytes.fromhex(sealing["salt"])
        del sealing["wrapped"]
        sealing["key_check"] = Keys.of_format_1(key, salt).check
    seal = seal_of(sealing, key, index.path)
    replace_seal(index.store, {"format": 1, "sealing": sealing}, seal, None)


def held(root: Path) -> Held:
    """What the index holds, by itself and as a search finds it, and its decision log."""
    return by_any_key(lambda key: held_by(root, key))


def held_by(root: Path, key: bytes | None) -> Held:
    if (root / "second").exists():
        with WriterIndex.open(root / "second", read_only=True) as second:
            assert len(second) == 0
    with WriterIndex.open(root / "index", key=key, read_only=True) as index:
        names = sorted(writer.name for writer in index.writers())
        found = {
            name: sorted(one.content_hash for one in held)
            for name, held in zip(names, index.references_of(names), strict=True)
        }
        for name in names:
            assert index.search(reference(name, 0).vector, 1)[0][0].writer == name, name
        found["the log"] = [str(one.facts["n"]) for one in DecisionLog(index).entries()]
        return found


# -- what the disk holds after a crash


@dataclass
class Node:
    """A file or a folder: its bytes as they were written, and as they were flushed."""

    folder: bool = False
    written: bytearray = field(default_factory=bytearray)
    flushed: bytes = b""


@dataclass
class Disk:
    """Names and bytes, each as they were written and as they were flushed."""

    names: dict[str, Node]
    flushed_names: dict[str, Node]

    @classmethod
    def of(cls, root: Path) -> Disk:
        names = {}
        for path in (root, *root.rglob("*")):
            data = b"" if path.is_dir() else path.read_bytes()
            names[str(path)] = Node(path.is_dir(), bytearray(data), data)
        return cls(names, dict(names))

    def take(self, step: list[Any]) -> None:
        kind, a, b, path, to, data = step
        if kind in "OM":
            self.names[path] = Node(kind == "M")
        elif kind in "WY" and path in self.names:
            node = self.names[path]
            node.written.extend(bytes(max(0, a + b - len(node.written))))
            node.written[a : a + b] = data
            if kind == "Y":
                grown = bytearray(node.flushed.ljust(a + b, b"\0"))
                grown[a : a + b] = data
                node.flushed = bytes(grown)
        elif kind in "TG" and path in self.names:
            node = self.names[path]
            grown = bytes(max(0, a - len(node.written)))
            node.written = (node.written if kind == "G" else node.written[:a]) + grown
        elif kind == "S" and path in self.names:
            self._flush(path)
        elif kind == "R":
            for name in [one for one in self.names if one == path or one.startswith(f"{path}/")]:
                self.names[to + name[len(path) :]] = self.names.pop(name)
        elif kind == "U":
            self.names.pop(path, None)

    def _flush(self, path: str) -> None:
        node = self.names[path]
        node.flushed = bytes(node.written)
        if node.folder:
            inside = {name for name in {*self.names, *self.flushed_names} if parent(name) == path}
            for name in inside:
                if name in self.names:
                    self.flushed_names[name] = self.names[name]
                else:
                    self.flushed_names.pop(name)

    def lay_out(self, root: Path, target: Path, how: str) -> None:
        names = self.flushed_names if how == "nothing unflushed" else self.names
        for name in sorted(names):
            node, place = names[name], target / os.path.relpath(name, root)
            if not place.parent.exists():
                continue  # in a folder that never came to the disk
            if node.folder:
                place.mkdir(exist_ok=True)
            else:
                place.write_bytes(node.written if how == "everything" else node.flushed)


def parent(name: str) -> str:
    return name.rpartition("/")[0]


CRASHES = ("everything", "nothing unflushed", "names without bytes")


def steps(journal: Path) -> Iterator[list[Any]]:
    data, at = journal.read_bytes(), 0
    while at < len(data):
        end = data.index(b"\n", at)
        kind, a, b, path, to = data[at:end].decode().split("\t")
        at = end + 1
        size = int(b) if kind in "WY" else 0
        yield [kind, int(a), int(b), path, to, data[at : at + size]]
        at += size


# -- the suite


class Suite:
    def __init__(self, library: str, every: int) -> None:
        self.shim = ctypes.CDLL(library)
        self.shim.faults_seen.restype = ctypes.c_long
        self.every = every
        self.found = Counter[str]()
        self.wrong: list[str] = []

    def run(self, operation: str, root: Path) -> None:
        sound = root / "sound"
        sound.mkdir()
        prepare(sound, operation)
        before, after, journal, calls = self._journal(operation, root, sound)
        for at in range(1, calls + 1, self.every):
            for error in (errno.ENOSPC, errno.EIO):
                for good in (0, 1):
                    self._fail(operation, root, sound, (at, error, good), before, after)
        self._crash(operation, root, journal, before, after)

    def _journal(self, operation: str, root: Path, sound: Path) -> tuple[Held, Held, Path, int]:
        """Carry the operation out once, and write down what it does."""
        if operation == "repair":
            shutil.copytree(sound, root / "aside")
            repair(root / "aside")
            before = held(root / "aside")
        else:
            before = held(sound)
        run, journal = root / "run", root / "journal"
        shutil.copytree(sound, run)
        descriptor = os.open(journal, os.O_WRONLY | os.O_CREAT)
        calls = in_a_child(lambda: self._armed(operation, run, descriptor, 0, 0, 0))
        os.close(descriptor)
        return before, held(run), journal, int(calls)

    def _armed(
        self, operation: str, run: Path, journal: int, at: int, error: int, good: int
    ) -> str:
        self.shim.faults_arm(os.fsencode(run), journal, ctypes.c_long(at), error, good)
        try:
            OPERATIONS[operation](run)
            said = "done"
        except SigsearchError as fault:
            said = f"named {fault.code}"
        except BaseException as fault:
            said = f"RAW {type(fault).__name__}: {fault}"
        calls = self.shim.faults_seen()
        self.shim.faults_arm(None, -1, ctypes.c_long(0), 0, 0)
        return said if at else str(calls)

    def _fail(
        self, operation: str, root: Path, sound: Path, how: tuple[int, int, int],
        before: Held, after: Held,
    ) -> None:  # fmt: skip
        run = root / "fail"
        shutil.copytree(sound, run)
        said = in_a_child(lambda: self._armed(operation, run, -1, *how))
        where = f"{operation}: call {how[0]} fails ({errno.errorcode[how[1]]}, {how[2]})"
        if said.startswith(("RAW", "killed")):
            self.wrong.append(f"{where}: {said}")
        allowed = [after] if said == "done" else [before, after]
        if not self._see(where, run, allowed, acknowledged=said == "done") and said != "done":
            in_a_child(lambda: mend(run, operation))
            self._see(f"{where}, and is mended", run, allowed, acknowledged=True)
        shutil.rmtree(run)

    def _crash(self, operation: str, root: Path, journal: Path, before: Held, after: Held) -> None:
        disk, taken = Disk.of(root / "sound"), list(steps(journal))
        place = str(root / "run")
        disk.names = {
            place + name[len(str(root / "sound")) :]: node for name, node in disk.names.items()
        }
        disk.flushed_names = dict(disk.names)
        for at, step in enumerate(taken, start=1):
            disk.take(step)
            if at % self.every and at < len(taken):
                continue
            for how in CRASHES:
                target = root / "crashed"
                target.mkdir()
                disk.lay_out(Path(place), target, how)
                last = at == len(taken)
                where = f"{operation}: stopped after call {at} of {len(taken)} ({how})"
                allowed = [after] if last else [before, after]
                if not self._see(where, target, allowed, acknowledged=last):
                    in_a_child(lambda target=target: mend(target, operation))
                    self._see(f"{where}, and is mended", target, allowed, acknowledged=True)
                shutil.rmtree(target)

    def _see(self, where: str, root: Path, allowed: list[Held], acknowledged: bool) -> bool:
        """Look at what an index holds, in a process of its own; whether it opened."""

        def look() -> str:
            try:
                return json.dumps(held(root))
            except SigsearchError as fault:
                return f"named {fault.code}: {fault}"
            except BaseException as fault:
                return f"RAW {type(fault).__name__}: {fault}"

        said = in_a_child(look)
        if said.startswith("{"):
            self.found["opens"] += 1
            if json.loads(said) not in allowed:
                self.wrong.append(f"{where}: holds something else")
        elif said.startswith("named") and not acknowledged:
            self.found["named"] += 1
        else:
            self.wrong.append(f"{where}: {said[:300]}")
        return said.startswith("{")


def in_a_child(work: Callable[[], str]) -> str:
    """What `work` says, in a fork of this process; "killed" if it does not come back."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            said = work()
        except BaseException as fault:
            said = f"RAW {type(fault).__name__}: {fault}"
        with os.fdopen(writer, "w") as pipe:
            pipe.write(said)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    status = os.waitpid(child, 0)[1]
    return said if status == 0 else f"killed {status}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("operations", nargs="*", default=list(OPERATIONS))
    parser.add_argument("--every", type=int, default=1, help="only each so manieth call")
    given = parser.parse_args()
    library = os.environ.get("SIGSEARCH_FAULTS")
    if library is None:
        with tempfile.TemporaryDirectory() as folder:
            made = os.fspath(built(Path(folder)))
            known = {**os.environ, "LD_PRELOAD": made, "SIGSEARCH_FAULTS": made}
            sys.exit(subprocess.run([sys.executable, *sys.argv], env=known).returncode)
    limit_structures("numpy")
    suite = Suite(library, given.every)
    for operation in given.operations:
        with tempfile.TemporaryDirectory() as folder:
            suite.run(operation, Path(os.path.realpath(folder)))
    print(json.dumps({**suite.found, "wrong": suite.wrong}, indent=1))
    sys.exit(bool(suite.wrong))


if __name__ == "__main__":
    main()
