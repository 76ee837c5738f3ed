"""A live process that holds an index open and does what it is told, a JSON line at a time.

Commands come on stdin as `[verb, argument...]`; each is answered by one line on stdout,
`{"done": ...}` or, where the index refuses, `{"refused": code, "why": message}`. Used by `moves.py`
and by the tests that need several processes with handles of different age.

    python scripts/reliability/handle.py indexes/mine
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from sigsearch.errors import SigsearchError
from sigsearch.index import EncoderIdentity, Reference, WriterIndex
from sigsearch.index.care.proof import forget_with_proof

IDENTITY = EncoderIdentity("reliability", 1, 32)
Held = dict[str, dict[str, str]]
"""By writer: a digest of all that is stored, by content hash."""


def reference(writer: str, number: int, size: int = 1280) -> Reference:
    """The same writer, number and size of the tokens give the same reference."""
    seed = hashlib.sha256(f"{writer}/{number}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(seed[:8], "little"))
    drawn = rng.normal(size=32)
    vector = (drawn / np.linalg.norm(drawn)).astype(np.float32)
    return Reference(writer, vector, rng.bytes(size), seed.hex(), f"{writer}/{number}.png")


def digest(one: Reference) -> str:
    """Of all that an index must give back of a reference."""
    parts = (one.writer.encode(), one.vector.tobytes(), one.local, one.source.encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def expected(writer: str, numbers: range, size: int = 1280) -> dict[str, str]:
    """What `held` says of a writer with these references."""
    return {one.content_hash: digest(one) for one in (reference(writer, n, size) for n in numbers)}


def held(index: WriterIndex) -> Held:
    """All that an index holds; raises AssertionError where its own words differ."""
    found: Held = {}
    for writer in index.writers():
        references = index.references_of([writer.name])[0]
        if references:  # else forgotten since it was listed
            assert all(one.writer == writer.name for one in references)
            found[writer.name] = {one.content_hash: digest(one) for one in references}
    return found


class Handle:
    """An open index and the verbs that can be asked of it."""

    def __init__(self, index: WriterIndex) -> None:
        self.index = index
        self.verbs: dict[str, Callable[..., Any]] = {
            "enrol": self.enrol, "forget": index.forget, "held": lambda: held(index),
            "find": self.find, "compact": index.compact, "optimise": index.optimise,
            "erase": self.erase, "count": lambda: len(index), "hold": self.hold,
            "let go": lambda: self.holding.close(),
        }  # fmt: skip
        self.holding = ExitStack()

    def enrol(self, writers: list[str], count: int, size: int = 1280) -> int:
        some = [reference(name, n, size) for name in writers for n in range(count)]
        return self.index.enrol(some)

    def find(self, writer: str) -> list[str]:
        """The closest writers to somebody's first reference."""
        found = self.index.search(reference(writer, 0).vector, 3)[0]
        return [near.writer for near in found if near.similarity > 0.999]

    def hold(self) -> None:
        """Keep other writers out until told to let go."""
        self.holding.enter_context(self.index.writing())

    def erase(self, writer: str, receipt: str) -> int:
        return forget_with_proof(self.index, writer, receipt=Path(receipt)).references

    def answer(self, words: list[Any]) -> dict[str, Any]:
        try:
            return {"done": self.verbs[words[0]](*words[1:])}
        except SigsearchError as fault:
            return {"refused": fault.code, "why": str(fault)}
        except KeyboardInterrupt:
            return {"refused": "interrupted", "why": "interrupted"}


def main() -> None:
    with WriterIndex.open(sys.argv[1], wait=60.0) as index:
        handle = Handle(index)
        print(json.dumps({"done": len(index)}), flush=True)
        for line in sys.stdin:
            print(json.dumps(handle.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
