"""Ways to alter a file as an enemy would: bytes, JSON, and what stands in a file's place."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

DEEP = "[" * 50_000
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 1 << 31, 1 << 63, 1 << 70, 0.5, -1e308, float("nan"), float("inf"),
    "", "x", "..", "../outside", "/etc/passwd", "store-9", "neighbours-1-00000000", "00", "\0",
    "=1", "x" * 100_000, [], {}, [1], {"a": 1}, [[[[]]]],
)  # fmt: skip


def bytes_of(data: bytes, rng: random.Random) -> bytes:
    """Flipped, cut, put in, repeated, or something else altogether."""
    at, size = rng.randrange(len(data) + 1), rng.choice((1, 1, 2, 4, 8, 64, 4096))
    fresh = rng.choice((rng.randbytes(size), bytes(size), b"\xff" * size))
    return rng.choice(
        (
            data[:at] + fresh + data[at + size :],
            data[:at] + fresh + data[at + size :],
            data[:at] + fresh + data[at:],
            data[:at],
            data[:at] + data[at + size :],
            data + data[at : at + size],
            rng.randbytes(size),
            b"",
        )
    )


def json_of(document: Any, rng: random.Random) -> Any:
    """The document with something in it gone, new or of another kind."""
    changed = copy.deepcopy(document)
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        parent, inner = None, changed
        while isinstance(inner, (dict, list)) and inner and rng.random() < 0.85:
            key = rng.choice(list(inner) if isinstance(inner, dict) else range(len(inner)))
            parent, inner = (inner, key), inner[key]
        if parent is None:
            return copy.deepcopy(rng.choice(_VALUES))
        holder, key = parent
        if rng.random() < 0.25:
            del holder[key]
        elif isinstance(holder[key], (int, float)) and rng.random() < 0.4:
            holder[key] = holder[key] * rng.choice((-1, 2, 1000)) + rng.choice((0, 1, -1))
        else:
            holder[key] = copy.deepcopy(rng.choice(_VALUES))
    return changed


def sealed(content: Any) -> bytes:
    """A document as the index writes it: with a hash that fits."""
    body = json.dumps(content, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(body.encode("utf-8", "replace")).hexdigest()
    return json.dumps({"content": content, "sha256": digest}, sort_keys=True).encode()


def put_in_place(path: Path, outside: Path, rng: random.Random) -> None:
    """Something that is not what should lie at `path`."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif os.path.lexists(path):
        path.unlink()
    kind = rng.choice(("link", "folder link", "dangling", "fifo", "folder", "hard link", "nothing"))
    if kind == "link":
        path.symlink_to(rng.choice(sorted(p for p in outside.rglob("*") if p.is_file())))
    elif kind == "folder link":
        path.symlink_to(outside)
    elif kind == "dangling":
        path.symlink_to(outside / "not there")
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
        (path / "foreign").write_bytes(b"kept")
    elif kind == "hard link":
        os.link(rng.choice(sorted(p for p in outside.rglob("*") if p.is_file())), path)
