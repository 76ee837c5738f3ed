"""A process that holds an index open and does what it is told, a JSON line at a time.

Commands come on stdin as `[verb, argument...]`; each is answered by one line on stdout,
`{"done": ...}` or, where the index refuses, `{"refused": code, "why": message}`. Used by `moves.py`
and by the tests that need several processes with handles of different age.

    python scripts/reliability/handle.py indexes/mine
"""

from __future__ import annotations

import hashlib
import json
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from sigsearch.errors import SigsearchError
from sigsearch.index import EncoderIdentity, Reference, WriterIndex
from sigsearch.index.care.proof import forget_with_proof

IDENTITY = EncoderIdentity("reliability", 1, 32)
Stored = dict[str, str]
"""What a writer has: a digest of each reference by content hash."""


def reference(writer: str, number: int, size: int = 1280) -> Reference:
    """The same writer, number and size of the tokens give the same reference."""
    seed = hashlib.sha256(f"{writer}/{number}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(seed[:8], "little"))
    drawn = rng.normal(size=32)
    vector = (drawn / np.linalg.norm(drawn)).astype(np.float32)
    return Reference(writer, vector, rng.bytes(size), seed.hex(), f"{writer}/{number}.png")


def expected(writer: str, numbers: range, size: int = 1280) -> Stored:
    """What `held` says of a writer with these references."""
    given = [reference(writer, number, size) for number in numbers]
    return {one.content_hash: _digest(one) for one in given}


def held(index: WriterIndex) -> dict[str, Stored]:
    """All that an index holds, by writer; raises AssertionError where its words differ."""
    found = {}
    for writer in list(index.writers()):
        references = index.references_of([writer.name])[0]
        assert len(references) == writer.reference_count
        found[writer.name] = {one.content_hash: _digest(one) for one in references}
    return found


def _digest(one: Reference) -> str:
    """Of all that an index must give back of a reference."""
    parts = (one.writer.encode(), one.vector.tobytes(), one.local, one.source.encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


class Handle:
    """An open index and the verbs that can be asked of it."""

    def __init__(self, index: WriterIndex) -> None:
        self.index = index
        self.holding = ExitStack()
        self.busy = False
        self.verbs: dict[str, Callable[..., Any]] = {
            "enrol": self.enrol, "forget": index.forget, "held": lambda: held(index),
            "find": self.find, "compact": self.compact, "optimise": index.optimise,
            "erase": self.erase, "hold": self.hold, "let go": self.holding.close,
        }  # fmt: skip

    def enrol(self, writers: list[str], count: int, size: int = 1280) -> int:
        some = [reference(name, n, size) for name in writers for n in range(count)]
        return self.index.enrol(some)

    def find(self, writer: str) -> list[str]:
        """Who has somebody's first reference."""
        found = self.index.search(reference(writer, 0).vector, 3)[0]
        return [near.writer for near in found if near.similarity > 0.999]

    def compact(self, patience: float = 1.0) -> bool:
        return self.index.compact(patience=patience)

    def erase(self, writer: str, receipt: str) -> int:
        done = forget_with_proof(self.index, writer, receipt=Path(receipt), patience=1.0)
        return done.reference_count

    def hold(self) -> None:
        """Keep other writers out until told to let go."""
        self.holding.enter_context(self.index.writing())

    def answer(self, words: list[Any]) -> dict[str, Any]:
        self.busy = True
        try:
            return {"done": self.verbs[words[0]](*words[1:])}
        except SigsearchError as fault:
            return {"refused": fault.code, "why": str(fault)}
        except KeyboardInterrupt:
            return {"refused": "interrupted", "why": "interrupted"}
        finally:
            self.busy = False

    def interrupt(self, *_: object) -> None:
        """Ctrl-C: felt by what is under way only."""
        if self.busy:
            self.busy = False
            raise KeyboardInterrupt


def serve(path: Path, source: TextIO, sink: TextIO, wait: float = 60.0) -> None:
    """Do what the lines of `source` say until it ends."""
    with WriterIndex.open(path, wait=wait) as index:
        handle = Handle(index)
        signal.signal(signal.SIGINT, handle.interrupt)
        print(json.dumps({"done": len(index)}), file=sink, flush=True)
        for line in source:
            print(json.dumps(handle.answer(json.loads(line))), file=sink, flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.stdin, sys.stdout)
