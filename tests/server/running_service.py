"""A service as it runs: a process of its own, reached over HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from sigsearch.index.postgres.address import Address, is_address
from sigsearch.server.state.keys import Role
from sigsearch.server.state.state import State

STARTED = re.compile(r"listening at (http://\S+)")


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
        plain = {name: one for name, one in os.environ.items() if name != "PYTHONUNBUFFERED"}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sigsearch", "serve", "--index", str(self.index),
                 "--port", "0", "--rate", "5000", *self.words],
                stdout=subprocess.PIPE, stderr=log, text=True, cwd=self.index.parent, env=plain,
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
        return httpx.Client(base_url=self.address, headers=headers, timeout=120, verify=False)

    def new_key(self, person: str, *roles: Role, tenant: str = "default") -> str:
        with self.state() as state:
            return state.keys.add(tenant, person, roles)[1]

    def state(self) -> State:
        """What it keeps, beside the service that runs."""
        found = [one for one in self.words if is_address(one)]
        place = Address.parse(found[0]) if found else None
        return State(place or self.index.with_name(f"{self.index.name}.service"))

    def has_begun(self, job: str) -> bool:
        """Whether this service has taken up a job, by its address."""
        number = job.rpartition("/")[2]
        lines = [json.loads(line) for line in self.told().splitlines() if line.startswith("{")]
        return any(line["event"] == "job" and line["id"] == number for line in lines)

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
