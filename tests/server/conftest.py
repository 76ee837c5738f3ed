"""A service as it runs: a process of its own, reached over HTTP."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from PIL import Image

from sigsearch import SignatureIndex
from sigsearch.synthesis import Writer

STARTED = re.compile(r"listening at (http://\S+)")
DRAWN = ("anna", "bo", "chidi/dara", "李 雷")


@dataclass
class Running:
    """A service in a process, with the key that it printed."""

    index: Path
    words: tuple[str, ...] = ()
    key: str = ""
    address: str = ""
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def start(self) -> Running:
        self.log = self.index.with_name(f"{self.index.name}-{time.monotonic_ns()}.log")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sigsearch", "serve", "--index", str(self.index),
                 "--port", "0", "--rate", "5000", *self.words],
                stdout=subprocess.PIPE, stderr=log, text=True, cwd=self.index.parent,
            )  # fmt: skip
        while not (found := STARTED.search(self.log.read_text())):
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.02)
        self.address = found[1]
        if not self.key:
            assert self.process.stdout is not None
            self.key = self.process.stdout.readline().split()[-1]
        return self

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """In order; its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def client(self, key: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key or self.key}"}
        return httpx.Client(base_url=self.address, headers=headers, timeout=120)

    def new_key(self, person: str, *roles: str, tenant: str = "default") -> str:
        words = [word for role in roles for word in ("--role", role)]
        return self.run("keys", "add", person, *words, "--tenant", tenant)["key"]

    def run(self, *words: str) -> dict:
        """What `sigsearch serve ...` answers, beside the service that runs."""
        done = subprocess.run(
            [sys.executable, "-m", "sigsearch", "serve", *words,
             "--index", str(self.index), "--json"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return json.loads(done.stdout)

    def told(self) -> str:
        """All that it wrote to its log."""
        return self.log.read_text()


@pytest.fixture(scope="session")
def specimens(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """Six genuine signatures of each drawn writer."""
    root = tmp_path_factory.mktemp("specimens")
    found: dict[str, list[Path]] = {}
    for at, name in enumerate(DRAWN):
        writer = Writer.from_seed(40 + at)
        found[name] = [root / f"{at}-{number}.png" for number in range(6)]
        for number, path in enumerate(found[name]):
            Image.fromarray(writer.specimen(number).page).save(path)
    return found


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, specimens: dict[str, list[Path]]) -> Path:
    """An index of the drawn writers, four references each; to be copied."""
    place = tmp_path_factory.mktemp("built") / "index"
    with SignatureIndex.create(place) as index:
        for name, paths in specimens.items():
            index.enrol(name, paths[:4])
    return place


@pytest.fixture
def copied(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture(scope="session")
def shared(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One service for all tests that leave it as they found it."""
    place = tmp_path_factory.mktemp("served") / "index"
    shutil.copytree(built, place)
    running = Running(place).start()
    yield running
    running.stop()


@pytest.fixture
def served(copied: Path) -> Iterator[Running]:
    """A service of one test."""
    running = Running(copied).start()
    yield running
    assert running.process is not None
    if running.process.poll() is None:
        os.kill(running.process.pid, signal.SIGTERM)
        running.process.wait(60)
