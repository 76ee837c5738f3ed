"""A service under load, with nonsense among its requests, killed half way and started again.

    python scripts/reliability/service.py                        # 60 s, 32 clients
    python scripts/reliability/service.py --seconds 20 --clients 8

A third of the requests is malformed. Half way one of the processes that draw documents is killed,
and then the whole service (SIGKILL), which is started again at the same address. In the end every
enrolment that was acknowledged must be there, every piece of evidence that was told of, and nothing
may have been answered wrongly: a right question by another score than the library's, nonsense by
anything but a refusal, and nobody by a 500. Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image

from sigsearch import SignatureIndex
from sigsearch.client.forms import body_of
from sigsearch.synthesis import Writer

STARTED = re.compile(r"listening at http://127\.0\.0\.1:(\d+)")
REFUSED = {400, 401, 404, 405, 408, 413, 415, 422}
BUSY = {429, 503}


def specimen(writer: int, number: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(Writer.from_seed(writer).specimen(number).page).save(file, "PNG")
    return file.getvalue()


def page(signature: bytes) -> bytes:
    """A PDF, so that a process of its own draws it."""
    sheet, file = Image.new("L", (1240, 1754), 255), io.BytesIO()
    picture = Image.open(io.BytesIO(signature))
    picture.thumbnail((500, 200))
    sheet.paste(picture, (400, 1200))
    sheet.save(file, "PDF", resolution=150)
    return file.getvalue()


class Service:
    def __init__(self, index: Path) -> None:
        self._index, self.port, self.key = index, 0, ""
        self.log = index.with_name("log")

    def start(self) -> float:
        """Seconds until it listens."""
        begun, before = time.monotonic(), self.log.stat().st_size if self.log.exists() else 0
        words = ["--index", str(self._index), "--port", str(self.port), "--rate", "100000"]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sigsearch", "serve", *words],
                stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        while not (found := STARTED.search(self.log.read_text()[before:])):
            if self.process.poll() is not None:
                sys.exit(f"FAILED: it does not start\n{self.log.read_text()[before:]}")
            time.sleep(0.02)
        self.port = int(found[1])
        if not self.key:
            assert self.process.stdout is not None
            self.key = self.process.stdout.readline().split()[-1]
        return time.monotonic() - begun

    def kill_a_worker(self) -> bool:
        """One of its processes, where it has one at this moment."""
        place = Path(f"/proc/{self.process.pid}/task")
        children = [int(n) for one in place.iterdir()
                    for n in (one / "children").read_text().split()]  # fmt: skip
        if children:
            with suppress(ProcessLookupError):
                os.kill(children[0], signal.SIGKILL)
        return bool(children)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Client:
    """One of those who ask. acknowledged: writers, and their references' number; evidence: ids;
    wrong: what must not have been answered."""

    def __init__(self, service: Service, number: int, known: Known, until: float) -> None:
        self._service, self._known, self._until = service, known, until
        self._rng, self._number = random.Random(number), number
        self.acknowledged: list[str] = []
        self.evidence: list[str] = []
        self.wrong: list[str] = []
        self.seen: Counter[str] = Counter()
        self._connection: HTTPConnection | None = None

    def run(self) -> None:
        while time.monotonic() < self._until:
            kinds = [self._verify, self._identify, self._enrol, self._find, *[self._nonsense] * 2]
            act: Callable[[], None] = self._rng.choices(kinds, [4, 3, 2, 1, 2.5, 2.5])[0]
            try:
                act()
            except (OSError, HTTPException):
                self._hang_up()
                self.seen["no answer"] += 1
                time.sleep(0.1)

    def ask(self, method: str, path: str, form: Any = None, **headers: str) -> tuple[int, Any]:
        body, more = body_of(form)
        return self.send(method, path, body, {**more, **headers})

    def send(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, Any]:
        if self._connection is None:
            self._connection = HTTPConnection("127.0.0.1", self._service.port, timeout=120)
        given = {"Authorization": f"Bearer {self._service.key}", **headers}
        self._connection.request(method, path, body, given)
        reply = self._connection.getresponse()
        data = reply.read()
        self.seen[str(reply.status)] += 1
        if reply.status == 500:
            self.wrong.append(f"500: {method} {path}: {data[:200]!r}")
        if reply.headers.get("Connection") == "close":
            self._hang_up()
        with suppress(ValueError):
            return reply.status, json.loads(data)
        return reply.status, data

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _expect(self, fine: bool, what: str, status: int) -> bool:
        if not fine and status not in BUSY:
            self.wrong.append(f"{what}: {status}")
        return fine

    def _verify(self) -> None:
        writer, (image, score, _) = self._rng.choice(list(self._known.items()))
        form = [("image", ("q.png", image)), ("writer", writer)]
        status, told = self.ask("POST", "/v1/verify", form)
        fine = status == 200 and told["answer"]["score"] == score
        if self._expect(fine, f"verify {writer}", status):
            self.evidence.append(told["evidence"])

    def _identify(self) -> None:
        writer, (image, _, _) = self._rng.choice(list(self._known.items()))
        status, told = self.ask("POST", "/v1/identify", [("image", ("q.png", image))])
        fine = status == 200 and told["answer"]["candidates"][0]["writer"] == writer
        self._expect(fine, f"identify {writer}", status)

    def _find(self) -> None:
        image = self._rng.choice(list(self._known.values()))[2]
        status, told = self.ask("POST", "/v1/find", [("image", ("page.pdf", image))])
        # A process that was killed while it drew is told as a damaged document.
        fine = status == 200 and len(told["found"]) == 1
        self._expect(fine or status == 422, "find", status)

    def _enrol(self) -> None:
        name = f"new/{self._number}-{len(self.acknowledged)}-{self._rng.random()}"
        image = specimen(1000 + self._rng.randrange(50), 0)
        path = f"/v1/writers/{quote(name, safe='')}/references"
        again = {"Idempotency-Key": name}
        status, _ = self.ask("PUT", path, [("images", ("a.png", image))], **again)
        if self._expect(status in (200, 201), "enrol", status):
            self.acknowledged.append(name)

    def _nonsense(self) -> None:
        """A request that no client should send; whatever comes back, it is a refusal."""
        rng, image = self._rng, next(iter(self._known.values()))[0]
        cut = image[: rng.randrange(len(image))] + rng.randbytes(20)
        kind = rng.randrange(8)
        if kind == 0:
            status, _ = self.ask("POST", "/v1/identify", [("image", ("x", rng.randbytes(500)))])
        elif kind == 1:
            form = [("image", ("x.png", image)), ("writer", "nobody"), ("fmr", "nan")]
            status, _ = self.ask("POST", "/v1/verify", form)
        elif kind == 2:
            status, _ = self.send("POST", "/v1/identify", rng.randbytes(300),
                                  {"Content-Type": "multipart/form-data; boundary=x"})  # fmt: skip
        elif kind == 3:
            status, _ = self.ask("GET", "/v1/writers/%ff%00" + quote(str(rng.random())))
        elif kind == 4:
            status, _ = self.ask("GET", "/v1/writers", Authorization="Bearer sgs_x_y")
        elif kind == 5:
            status, _ = self.ask("PATCH", "/v1/writers/w0", {"name": 1, "number": []})
        elif kind == 6:
            status, _ = self.send("POST", "/v1/verify", b"{" * 1000,
                                  {"Content-Type": "application/json"})  # fmt: skip
        else:
            form = [("image", ("x.png", cut[: len(cut) // 2])), ("box", "1,2,0,0")]
            status, _ = self.ask("POST", "/v1/identify", form)
        self._expect(status in REFUSED, f"nonsense {kind}", status)
        self.seen["nonsense"] += 1


Known = dict[str, tuple[bytes, float, bytes]]
"""Of each writer a signature, the score that the library gives it, and a page with it."""


def built(place: Path, writers: int) -> Known:
    known: Known = {}
    with SignatureIndex.create(place) as index:
        for n in range(writers):
            index.enrol(f"w{n}", [specimen(n, k) for k in range(4)])
        for n in range(writers):
            image = specimen(n, 6)
            score = index.verify(image, f"w{n}").to_dict()["score"]
            known[f"w{n}"] = image, score, page(image)
    # Only what the library itself finds first, and on a page, is asked for.
    with SignatureIndex.open(place, read_only=True) as index:
        return {name: one for name, one in known.items()
                if index.identify(one[0]).candidates[0].writer == name}  # fmt: skip


def check(service: Service, clients: list[Client]) -> list[str]:
    """What is missing of all that was acknowledged."""
    missing, asking = [], Client(service, -1, {}, 0)
    for one in clients:
        for name in one.acknowledged:
            status, told = asking.ask("GET", f"/v1/writers/{quote(name, safe='')}")
            if status != 200 or len(told["references"]) != 1:
                missing.append(f"writer {name}: {status}")
        for number in one.evidence:
            if asking.ask("GET", f"/v1/evidence/{number}")[0] != 200:
                missing.append(f"evidence {number}")
    return missing


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--writers", type=int, default=8)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        known = built(Path(folder) / "index", given.writers)
        service = Service(Path(folder) / "index")
        print(f"load {os.getloadavg()[0]:.1f}; ready after {service.start():.1f} s", flush=True)
        try:
            wrong = storm(service, known, given)
        finally:
            service.kill()
    sys.exit(1 if wrong else 0)


def storm(service: Service, known: Known, given: argparse.Namespace) -> bool:
    begun = time.monotonic()
    clients = [Client(service, n, known, begun + given.seconds) for n in range(given.clients)]
    crew = [threading.Thread(target=one.run) for one in clients]
    for one in crew:
        one.start()
    time.sleep(given.seconds / 3)
    killed = False
    while not killed and time.monotonic() < begun + given.seconds / 2:
        killed = service.kill_a_worker()
        time.sleep(0.01)
    time.sleep(max(begun + given.seconds / 2 - time.monotonic(), 0))
    service.kill()
    print(f"a worker {'was' if killed else 'could not be'} killed, and then the service; ready "
          f"again after {service.start():.1f} s", flush=True)  # fmt: skip
    for one in crew:
        one.join()
    seen = sum((one.seen for one in clients), Counter[str]())
    wrong = [line for one in clients for line in one.wrong]
    missing = check(service, clients)
    counts = {name: sum(len(getattr(one, name)) for one in clients)
              for name in ("acknowledged", "evidence")}  # fmt: skip
    print(f"answers: {dict(sorted(seen.items()))}")
    print(f"enrolments acknowledged {counts['acknowledged']}, evidence {counts['evidence']}, "
          f"missing {len(missing)}; wrong answers {len(wrong)}")  # fmt: skip
    for line, times in Counter([*wrong, *missing]).most_common(20):
        print(f"  {times} x {line}")
    return bool(wrong or missing)


if __name__ == "__main__":
    main()
