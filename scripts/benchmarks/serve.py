"""Requests a second of the service beside the library, and how long 16 clients wait.

    python scripts/benchmarks/serve.py                      # 40 drawn writers
    python scripts/benchmarks/vectors.py base.npz
    python scripts/benchmarks/query.py base.npz --writers 10000 --index INDEX
    python scripts/benchmarks/serve.py --index INDEX        # 100,000 references

The library answers on all cores of one process. The service runs as a process of its own, and so
does a plain server that reads, encodes and answers one request at a time (plain_server.py); their
clients share the machine, so the clients' processor time is told, and taken off in the second
ratio. Everything is timed in turns, so that a load of other programs falls on all alike.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from PIL import Image

import sigsearch
from sigsearch import SignatureIndex
from sigsearch.client.remote import RemoteIndex
from sigsearch.synthesis import Writer

Ask = Callable[[bytes], object]
STARTED = re.compile(r"listening at (http://\S+)")


def specimen(writer: int, number: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(Writer.from_seed(writer).specimen(number).page).save(file, "PNG")
    return file.getvalue()


class Service:
    """A service in a process of its own, until `stop`."""

    def __init__(self, index: Path, *words: str) -> None:
        self._log = tempfile.NamedTemporaryFile("w+", suffix=".log")  # noqa: SIM115
        begun = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sigsearch", "serve", "--index", str(index), "--port", "0",
             "--rate", "100000", "--no-log", *words],
            stdout=subprocess.PIPE, stderr=self._log, text=True,
        )  # fmt: skip
        while not (found := STARTED.search(Path(self._log.name).read_text())):
            if self._process.poll() is not None:
                sys.exit(Path(self._log.name).read_text())
            time.sleep(0.01)
        self.seconds = time.perf_counter() - begun
        key = sigsearch_key(index)
        self.remote: RemoteIndex = sigsearch.connect(found[1], key)

    def memory(self) -> str:
        """Its own, now, and with the pages of files that are mapped, at most."""
        told = Path(f"/proc/{self._process.pid}/status").read_text()
        own, most = (
            int(re.search(rf"{name}:\s+(\d+)", told)[1]) / 1024  # type: ignore[index]
            for name in ("RssAnon", "VmHWM")
        )
        return f"{own:.0f} MB (with mapped files at most {most:.0f})"

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


class PlainServer:
    """`plain_server.py` in a process of its own, until `stop`."""

    def __init__(self, index: Path, whom: str) -> None:
        script = Path(__file__).with_name("plain_server.py")
        self._process = subprocess.Popen(
            [sys.executable, script, index, whom], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())

    def ask(self, verb: str, image: bytes) -> object:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=300)
        connection.request("POST", f"/{verb}", image)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


def sigsearch_key(index: Path) -> str:
    words = ["serve", "keys", "add", "benchmark", "--role", "ask", "--index", str(index), "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "sigsearch", *words], capture_output=True, text=True, check=True
    )
    return str(json.loads(done.stdout)["key"])


def timed(ask: Ask, images: list[bytes], threads: int) -> tuple[float, list[float], float]:
    """Seconds for all, seconds of each, and this process's own processor time."""
    waits: list[float] = []
    lock = threading.Lock()

    def one(image: bytes) -> None:
        begun = time.perf_counter()
        ask(image)
        with lock:
            waits.append(time.perf_counter() - begun)

    used, begun = own_time(), time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, images))
    return time.perf_counter() - begun, waits, own_time() - used


def own_time() -> float:
    told = resource.getrusage(resource.RUSAGE_SELF)
    return told.ru_utime + told.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--index", type=Path)
    parser.add_argument("--writers", type=int, default=40)
    parser.add_argument("--requests", type=int, default=64, help="a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=16)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = given.index or Path(folder) / "index"
        if given.index is None:
            with SignatureIndex.create(place) as made:
                for n in range(given.writers):
                    made.enrol(f"w{n}", [specimen(n, k) for k in range(4)])
        run(place, given)


def run(place: Path, given: argparse.Namespace) -> None:
    cores = len(os.sched_getaffinity(0))
    images = [specimen(n % given.writers, 5 + n // given.writers) for n in range(given.requests)]
    index = SignatureIndex.open(place, read_only=True)
    whom = next(index.writers()).name
    service, plain = Service(place), PlainServer(place, whom)
    print(
        f"{len(index)} references; load {os.getloadavg()[0]:.1f}, {cores} cores; ready after "
        f"{service.seconds:.2f} s, a bare `import sigsearch` after {bare_start():.2f} s"
    )
    for verb in ("verify", "identify"):
        asks = {
            "library": (_asking(index, verb, whom), cores),
            "service": (_asking(service.remote, verb, whom), given.clients),
            "one at a time": (partial(plain.ask, verb), given.clients),
        }
        rates: dict[str, list[float]] = {name: [] for name in asks}
        ratios: list[tuple[float, float]] = []
        waits: list[float] = []
        for ask, threads in asks.values():
            timed(ask, images[:4], threads)
        for _ in range(given.rounds):
            for name, (ask, threads) in asks.items():
                whole, each, own = timed(ask, images, threads)
                rates[name].append(len(images) / whole)
                if name == "service":
                    waits += each
                    alone = len(images) / (whole - own / cores)
            ratios.append((rates["service"][-1] / rates["library"][-1],
                           alone / rates["library"][-1]))  # fmt: skip
        waits.sort()
        p99 = waits[int(0.99 * (len(waits) - 1))]
        told = ", ".join(f"{name} {median(found):.1f}/s" for name, found in rates.items())
        print(f"{verb}: {told}")
        print(
            f"  service / library {median(r for r, _ in ratios):.2f}, without the clients' time "
            f"{median(r for _, r in ratios):.2f}; {given.clients} clients wait "
            f"{1000 * median(waits):.0f} ms (median), {1000 * p99:.0f} ms (p99, "
            f"{p99 / median(waits):.1f} medians)"
        )
    print(f"memory of the service: with crops {service.memory()}", end=", ")
    for _ in range(4):
        service.remote.find(page())
    print(f"with documents {service.memory()}")
    service.stop()
    plain.stop()


def page() -> bytes:
    """An A4 page at 300 dpi with a signature and nothing else."""
    sheet, file = Image.new("L", (2480, 3508), 255), io.BytesIO()
    sheet.paste(Image.open(io.BytesIO(specimen(0, 9))), (900, 2400))
    sheet.save(file, "PNG")
    return file.getvalue()


def bare_start() -> float:
    """Seconds for an interpreter that imports the package, by the same load."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import sigsearch"], check=True)
    return time.perf_counter() - begun


def _asking(index: SignatureIndex | RemoteIndex, verb: str, whom: str) -> Ask:
    if verb == "verify":
        return lambda image: index.verify(image, whom)
    return lambda image: index.identify(image)


if __name__ == "__main__":
    main()
