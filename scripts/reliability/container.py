"""The steps of deploy/Containerfile, one by one, where no container can be built.

sudo python scripts/reliability/container.py

Each stage gets a root of its own: the programs of this machine, read-only, instead of the base
image, and nothing else of it. Then the service runs as it would: as the image's user, without any
right of root's, on a read-only root with a volume and an empty /tmp. It is asked for its health as
the image says, enrols, is stopped, and started again on the same volume. Takes Linux, root, and a
package index for pip.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PYTHON = Path(sys.base_prefix)
BASE = ("usr", "bin", "sbin", "lib", "lib64")
PATH = f"{PYTHON}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ADDRESS = "http://127.0.0.1:8470"


def instructions(file: Path) -> list[tuple[str, str]]:
    """Name and rest of each, comments and line breaks taken out."""
    text = re.sub(r"\\\n\s*", " ", file.read_text(encoding="utf-8"))
    lines = (line.strip() for line in text.splitlines())
    parts = (line.partition(" ") for line in lines if line and not line.startswith("#"))
    return [(name.upper(), rest.strip()) for name, _, rest in parts]


def run(*words: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if check and done.returncode:
        sys.exit(f"FAILED: {shlex.join(map(str, words))}\n{done.stdout}{done.stderr}")
    return done


class Image:
    """What the instructions have made so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stages: dict[str, Path] = {}
        self.root = folder
        self.user = "0"
        self.volume = ""
        self.health: list[str] = []
        self.command: list[str] = []
        self.started: list[subprocess.Popen[bytes]] = []

    def do(self, name: str, rest: str) -> None:
        print(f"{name} {rest[:100]}", flush=True)
        begun = time.monotonic()
        if name == "FROM":
            self._base(rest)
        elif name == "COPY":
            self._copy(shlex.split(rest))
        elif name == "RUN":
            run("env", f"PATH={PATH}", "HOME=/tmp", "chroot", self.root, "/bin/sh", "-ec", rest)
        elif name == "USER":
            self.user = rest
        elif name == "VOLUME":
            self.volume = rest
        elif name == "HEALTHCHECK":
            self.health = json.loads(rest[rest.index("CMD") + 3 :])
        elif name in ("ENTRYPOINT", "CMD"):
            self.command += json.loads(rest)
        elif name != "EXPOSE":
            sys.exit(f"FAILED: {name} is not known here")
        if (seconds := time.monotonic() - begun) > 1:
            print(f"  {seconds:.0f} s")

    def _base(self, rest: str) -> None:
        name = rest.partition(" AS ")[2] or "final"
        self.root = self.stages[name] = self.folder / name
        for part in BASE:
            place, here = self.root / part, Path("/") / part
            if here.is_symlink():
                self.root.mkdir(exist_ok=True)
                place.symlink_to(os.readlink(here))
            elif here.is_dir():
                place.mkdir(parents=True)
                run("mount", "--rbind", here, place)
                run("mount", "-o", "remount,ro,bind", place)
        if not PYTHON.is_relative_to("/usr"):  # the base image's, in its own place
            place = self.root / PYTHON.relative_to("/")
            place.mkdir(parents=True)
            run("mount", "--bind", PYTHON, place)
            run("mount", "-o", "remount,ro,bind", place)
        shutil.copytree("/etc", self.root / "etc", symlinks=True)
        for part in ("dev", "proc"):
            (self.root / part).mkdir()
            run("mount", "--rbind", f"/{part}", self.root / part)
        for part in ("tmp", "opt"):
            (self.root / part).mkdir(exist_ok=True)
        (self.root / "tmp").chmod(0o1777)

    def _copy(self, words: list[str]) -> None:
        source = REPOSITORY
        if words[0].startswith("--from="):
            source = self.stages[words.pop(0).removeprefix("--from=")]
        *given, target = words
        place = self.root / target.lstrip("/")
        for one in given:
            path = source / one.lstrip("/")
            if path.is_dir():  # its content, as COPY does
                left = shutil.ignore_patterns("__pycache__") if source == REPOSITORY else None
                shutil.copytree(path, place, symlinks=True, dirs_exist_ok=True, ignore=left)
            else:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, place)

    def close(self) -> None:
        """Read-only from now on, but for the volume and an empty /tmp."""
        run("mount", "--rbind", self.root, self.root)
        run("mount", "-o", "remount,ro,bind", self.root)
        kept = self.folder / "volume"
        run("cp", "-a", self.root / self.volume.lstrip("/"), kept)
        run("mount", "--bind", kept, self.root / self.volume.lstrip("/"))
        run("mount", "-t", "tmpfs", "none", self.root / "tmp")

    def words(self, *command: str) -> list[str]:
        """How a command runs in it."""
        rights = ["--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
        who = [f"--reuid={self.user}", f"--regid={self.user}"]
        return ["chroot", str(self.root), "setpriv", *who, *rights, "--", *command]


class Running:
    """The image's command, until it is stopped."""

    def __init__(self, image: Image) -> None:
        self._image = image
        clean = {"PATH": PATH, "HOME": "/nonexistent"}
        begun = time.monotonic()
        self.log = (image.folder / "log").open("a+")
        self.process = subprocess.Popen(
            image.words(*image.command), stdout=self.log, stderr=subprocess.STDOUT, env=clean
        )
        image.started.append(self.process)
        while self.health() != 0:
            if self.process.poll() is not None or time.monotonic() - begun > 300:
                sys.exit(f"FAILED: not healthy\n{self.told()}")
            time.sleep(0.2)
        print(f"healthy after {time.monotonic() - begun:.1f} s")

    def health(self) -> int:
        """The exit code of the image's own check."""
        return run(*self._image.words(*self._image.health), check=False).returncode

    def told(self) -> str:
        return (self._image.folder / "log").read_text()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(45)
        must(code in (0, -signal.SIGTERM, 128 + signal.SIGTERM), f"stopped in order ({code})")


def must(fine: bool, what: str) -> None:
    print(f"  {'ok' if fine else 'FAILED'}: {what}")
    if not fine:
        sys.exit(1)


def ask(path: str, key: str, method: str = "GET", body: bytes | None = None) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {key}"}
    if body is not None:
        headers["Content-Type"] = "multipart/form-data; boundary=edge"
    asked = urllib.request.Request(ADDRESS + path, body, headers, method=method)
    with urllib.request.urlopen(asked, timeout=60) as reply:
        return reply.status, reply.read().decode()


def form() -> bytes:
    from PIL import Image as Picture

    from sigsearch.synthesis import Writer

    file = io.BytesIO()
    Picture.fromarray(Writer.from_seed(1).specimen(0).page).save(file, "PNG")
    head = 'Content-Disposition: form-data; name="images"; filename="a.png"'
    return f"--edge\r\n{head}\r\n\r\n".encode() + file.getvalue() + b"\r\n--edge--\r\n"


def rehearse(image: Image) -> None:
    try:
        look_at(image, Running(image))
    finally:
        for one in image.started:
            one.kill()
    kept = image.folder / "volume"
    must(all(path.stat().st_uid == int(image.user) for path in kept.rglob("*")),
         "all that is kept is the user's")  # fmt: skip


def look_at(image: Image, running: Running) -> None:
    found = re.search(r"sgs_\S+", running.told())
    must(found is not None, "the first start prints a key")
    key = found[0] if found else ""
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    must(f"Uid:\t{image.user}\t{image.user}" in status, f"runs as {image.user}")
    must("CapEff:\t0000000000000000" in status, "has no right of root's")
    for place in ("/", "/opt/sigsearch", "/etc", "/usr"):
        done = run(*image.words("touch", f"{place}/x"), check=False)
        must(done.returncode != 0, f"cannot write to {place}")
    must(ask("/v1/writers/anna/references", key, "PUT", form())[0] == 201, "enrols")
    running.stop()
    again = Running(image)
    must('"anna"' in ask("/v1/writers", key)[1], "knows the key and the writer after a restart")
    must(running.told().count("sgs_") == 1, "prints no second key")
    again.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--file", type=Path, default=REPOSITORY / "deploy" / "Containerfile")
    given = parser.parse_args()
    if os.geteuid() or sys.platform != "linux":
        sys.exit("this takes root on Linux, for the mounts; nothing outside of them is changed")
    if "SIGSEARCH_REHEARSAL" not in os.environ:  # mounts of our own, gone when we end
        words = ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv]
        os.environ["SIGSEARCH_REHEARSAL"] = "1"
        os.execvp("unshare", words)
    with tempfile.TemporaryDirectory(prefix="rehearsal") as name:
        folder = Path(name)
        folder.chmod(0o755)
        run("mount", "-t", "tmpfs", "-o", "size=2g,mode=755", "none", folder)
        image = Image(folder)
        try:
            for instruction in instructions(given.file):
                image.do(*instruction)
            image.close()
            rehearse(image)
        finally:
            run("umount", "--lazy", folder, check=False)
    print("all steps done")


if __name__ == "__main__":
    main()
