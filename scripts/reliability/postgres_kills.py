"""Kills the database, or a process that enrols, at random instants; or promotes a standby.

Several workers enrol and forget, each writers of its own, and write a line before each operation
and another when it was acknowledged. After each kill the index is read, in one snapshot, and
compared with the lines, reference by reference: everything acknowledged is there, nothing else but
(perhaps) the one operation that a worker has under way, and who is enrolled is found.

    python scripts/reliability/postgres_kills.py --kills 100 --what server
    python scripts/reliability/postgres_kills.py --kills 100 --what worker
    python scripts/reliability/postgres_kills.py --kills 5 --what primary   # a standby takes over
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts" / "reliability")]

from crashes import IDENTITY, Truth, after, equal, reference  # noqa: E402
from running_postgres import SAFE, PostgresServer  # noqa: E402

from sigsearch.index.opening import check_index, create_index, open_index  # noqa: E402
from sigsearch.index.postgres import store  # noqa: E402

OWN = 8  # writers of a worker
SYNCHRONOUS = {"synchronous_standby_names": "*", "synchronous_commit": "on"}


def work(address: str, log: Path, name: str, seed: int) -> None:
    """Change the index until killed."""
    store.PATIENCE = 600  # recovery may take long on a busy disk
    rng, out = random.Random(seed), os.open(log, os.O_WRONLY | os.O_APPEND)
    with open_index(address, IDENTITY) as index:
        while True:
            writer = f"{name} {rng.randrange(OWN)}"
            if rng.random() < 0.3 and index.numbers([writer]) != [None]:
                operation: list[object] = ["forget", writer]
            else:
                batch = [(f"{name} {rng.randrange(OWN)}", rng.randrange(8)) for _ in range(4)]
                operation = ["enrol", batch]
            os.write(out, (json.dumps(["begin", operation]) + "\n").encode())
            if operation[0] == "forget":
                index.forget(writer)
            else:
                index.enrol([reference(*one) for one in batch])
            os.write(out, (json.dumps(["done", operation]) + "\n").encode())


@dataclass
class Worker:
    """A process, and what its lines say."""

    name: str
    address: str
    folder: Path
    truth: Truth = field(default_factory=dict)
    seen: int = 0
    starts: int = 0
    done: int = 0
    size: int = 0  # of the log, when the process was started
    under_way: list[object] | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / self.name

    def start(self) -> None:
        self.starts += 1
        self.log.touch()
        self.size = self.log.stat().st_size
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--address", self.address, "--log", self.log,
             "--name", self.name, "--seed", str(1000 * self.starts + hash(self.name) % 1000)]
        )  # fmt: skip

    def send(self, number: int) -> None:
        assert self.process is not None
        assert self.process.poll() is None, f"{self.name} has ended by itself"
        self.process.send_signal(number)

    def read(self) -> None:
        """Take in the lines that were written since."""
        lines = self.log.read_bytes().split(b"\n")[:-1]
        for line in lines[self.seen :]:
            kind, operation = json.loads(line)
            self.under_way = operation if kind == "begin" else None
            if kind == "done":
                self.truth = after(self.truth, operation)
                self.done += 1
        self.seen = len(lines)

    def compare(self, held: Truth) -> None:
        own = {name: them for name, them in held.items() if name.startswith(f"{self.name} ")}
        may = [self.truth]
        if self.under_way is not None:
            may.append(after(self.truth, self.under_way))
        found = next((one for one in may if equal(own, one)), None)
        assert found is not None, f"{self.name}: neither what was acknowledged nor a step more"
        if self.process is None:  # it was killed: nothing more will come of what was under way
            self.truth, self.under_way = found, None


def compare(address: str, workers: list[Worker]) -> None:
    for one in workers:
        if one.process is not None:
            one.send(signal.SIGSTOP)
    for one in workers:
        one.read()
    with open_index(address, IDENTITY, read_only=True) as index:
        names = [f"{one.name} {n}" for one in workers for n in range(OWN)]
        references = index.references_of(names)
        held = {name: {one.content_hash: one for one in them}
                for name, them in zip(names, references, strict=True) if them}  # fmt: skip
        for one in workers:
            one.compare(held)
        for name in random.sample(sorted(held), min(5, len(held))):
            found = index.search(next(iter(held[name].values())).vector, 1)[0][0]
            assert found.writer == name, "an enrolled vector does not find its own writer"
    for one in workers:
        if one.process is not None:
            one.send(signal.SIGCONT)


def until_gone(server: PostgresServer, most: int) -> None:
    """Wait until the server has noticed that a worker is no more."""
    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sigsearch'"
    while server.ask(count)[0][0] > most:
        time.sleep(0.02)


def until_going(workers: list[Worker]) -> None:
    """Wait until each has had something acknowledged since it was started."""
    while any(b"done" not in one.log.read_bytes()[one.size :] for one in workers):
        time.sleep(0.02)


def kill_server(server: PostgresServer, workers: list[Worker]) -> PostgresServer:
    server.kill()
    server.start()
    return server


def kill_worker(server: PostgresServer, workers: list[Worker]) -> PostgresServer:
    one = random.choice(workers)
    assert one.process is not None
    one.process.kill()
    one.process.wait()
    one.process = None
    until_gone(server, len(workers) - 1)
    return server


def kills(count: int, what: str) -> Counter[str]:
    """Kills one server, or its workers, again and again."""
    counts: Counter[str] = Counter()
    server = PostgresServer(SAFE)
    address = server.address("kills")
    create_index(address, IDENTITY).close()
    with TemporaryDirectory() as folder:
        workers = [Worker(f"worker {n}", address, Path(folder)) for n in range(3)]
        try:
            for one in workers:
                one.start()
            until_going(workers)
            for number in range(1, count + 1):
                time.sleep(random.uniform(0.1, 1.5))
                (kill_server if what == "server" else kill_worker)(server, workers)
                compare(address, workers)
                for one in workers:
                    if one.process is None:
                        one.start()
                until_going(workers)
                counts["kills"] = number
                if number % 10 == 0:
                    print(number, {one.name: one.done for one in workers}, flush=True)
        finally:
            end(workers)
            counts["acknowledged"] = sum(one.done for one in workers)
            server.stop() if sys.exc_info()[0] else finish(server, address, counts)
    return counts


def finish(server: PostgresServer, address: str, counts: Counter[str]) -> None:
    health = check_index(address)
    server.stop()
    assert health.sound, health.problems
    counts["records sound at the end"] = health.records


def failovers(count: int) -> Counter[str]:
    """Kills a primary with a synchronous standby, which is promoted, while four workers enrol."""
    counts: Counter[str] = Counter()
    for number in range(1, count + 1):
        primary = PostgresServer(SAFE | SYNCHRONOUS)
        standby = PostgresServer(SAFE, of=primary)
        hosts = f"host={primary.folder},{standby.folder}&port={primary.port},{standby.port}"
        address = f"postgresql://postgres@/postgres?{hosts}&index=kills"
        with TemporaryDirectory() as folder:
            workers = [Worker(f"worker {n}", address, Path(folder)) for n in range(4)]
            try:
                create_index(address, IDENTITY).close()
                for one in workers:
                    one.start()
                until_going(workers)
                time.sleep(random.uniform(0.5, 3))
                primary.kill()
                begun = time.monotonic()
                standby.promote()
                before = {one.name: one.log.stat().st_size for one in workers}
                while any(one.log.stat().st_size == before[one.name] for one in workers):
                    time.sleep(0.02)
                counts["milliseconds until all go on"] += int(1000 * (time.monotonic() - begun))
                compare(address, workers)
                time.sleep(1)
                compare(address, workers)
            finally:
                end(workers)
                counts["acknowledged"] += sum(one.done for one in workers)
                primary.stop()
                standby.stop()
        counts["failovers"] = number
        print(dict(counts), flush=True)
    return counts


def end(workers: list[Worker]) -> None:
    for one in workers:
        if one.process is not None:
            one.process.kill()
            one.process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--what", choices=["server", "worker", "primary"], default="server")
    parser.add_argument("--address", help=argparse.SUPPRESS)
    parser.add_argument("--log", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--name", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.address:
        work(asked.address, asked.log, asked.name, asked.seed)
        return
    counts = failovers(asked.kills) if asked.what == "primary" else kills(asked.kills, asked.what)
    print("nothing acknowledged lost, nothing invented:", dict(counts))


if __name__ == "__main__":
    main()
