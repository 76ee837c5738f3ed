"""The index from outside: whole commands, and live processes with handles of their own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE
from typing import Any

ROOT = Path(__file__).parents[2]
RELIABILITY = ROOT / "scripts" / "reliability"
sys.path.insert(0, str(RELIABILITY))

from handle import IDENTITY, expected, held, reference  # noqa: E402

from sigsearch.index import WriterIndex  # noqa: E402

LONGEST = 900.0  # seconds after which a process hangs, on however busy a machine
COMMAND = (sys.executable, "-c", "from sigsearch.cli import main; main()")


def start(*words: object, **given: Any) -> subprocess.Popen[str]:
    """A command of the console, started."""
    asked = [*COMMAND, *map(str, words)]
    return subprocess.Popen(asked, stdout=PIPE, stderr=PIPE, text=True, **given)


def run(*words: object, code: int | None = 0) -> str:
    """A command of the console, to its end; what it said on both streams."""
    process = start(*words)
    out, err = process.communicate(timeout=LONGEST)
    assert code is None or process.returncode == code, (process.returncode, out, err)
    return out + err


SEVERAL = """
import json, sys
from sigsearch.cli import main
for words in json.loads(sys.argv[1]):
    sys.argv = ["sigsearch", *words]
    try:
        main()
    except SystemExit as end:
        print(f"exit {end.code or 0}", flush=True)
"""


def run_all(*commands: tuple[object, ...]) -> list[tuple[int, str]]:
    """Commands one after the other in one process; how each ended and what they said."""
    words = json.dumps([[str(word) for word in command] for command in commands])
    asked = [sys.executable, "-c", SEVERAL, words]
    done = subprocess.run(asked, stdout=PIPE, stderr=subprocess.STDOUT, text=True, timeout=LONGEST)
    parts = re.split(r"^exit (\d+)\n", done.stdout, flags=re.M)
    assert len(parts) == 2 * len(commands) + 1, done.stdout
    return [(int(code), said) for said, code in zip(parts[:-1:2], parts[1::2], strict=True)]


def sound(path: Path) -> None:
    """A fresh process finds nothing wrong."""
    assert json.loads(run("index", "check", "-i", path, "--json"))["problems"] == []


def holds(path: Path) -> dict[str, dict[str, str]]:
    """All that an index holds."""
    with WriterIndex.open(path, read_only=True) as index:
        return held(index)


def filled(path: Path, writers: int = 12, each: int = 4, size: int = 1280) -> dict[str, Any]:
    """A new index with invented references, in small commits; what it must hold."""
    names = [f"writer {number:03}" for number in range(writers)]
    with WriterIndex.create(path, IDENTITY) as index:
        for start in range(0, writers, 50):
            some = names[start : start + 50]
            index.enrol([reference(name, n, size) for name in some for n in range(each)])
    return {name: expected(name, range(each), size) for name in names}


class Live:
    """A process that has the index open (`scripts/reliability/handle.py`)."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(RELIABILITY / "handle.py"), str(path)],
            stdin=PIPE, stdout=PIPE, text=True,
        )  # fmt: skip
        self.wait()

    def tell(self, *words: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()

    def wait(self) -> Any:
        """What the last command gave; raises AssertionError where it was refused."""
        assert self.process.stdout is not None
        answer = json.loads(self.process.stdout.readline())
        assert "done" in answer, answer
        return answer["done"]

    def ask(self, *words: object) -> Any:
        self.tell(*words)
        return self.wait()

    def __enter__(self) -> Live:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
