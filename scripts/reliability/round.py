"""One round of `moves.py`: an index, three processes that have it open, and what happens to it."""

from __future__ import annotations

import json
import random
import re
import shutil
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any
from zlib import crc32

from handle import Stored, expected, held
from processes import Command, Forked, Live, suspended_export
from truth import Truth

from sigsearch.index import WriterIndex
from sigsearch.index.care.integrity import check_index

REFUSALS = {
    "index_busy", "index_corrupt", "index_missing", "index", "writer_unknown", "erasure_refused",
}  # fmt: skip
"""What may be said of an operation that changed nothing."""


class Round:
    """One index, moved about."""

    def __init__(self, base: Path, truth: Truth, folder: Path, rng: random.Random) -> None:
        self.path, self.folder, self.truth, self.rng = folder / "index", folder, truth, rng
        shutil.copytree(base, self.path)
        self.handles = [self._live() for _ in range(3)]
        self.exports: list[Command] = []
        self.happened: Counter[str] = Counter()
        self._names = 0

    def play(self, steps: int) -> None:
        try:
            for _ in range(steps):
                self.step()
            self.check()
        finally:
            for one in self.exports:
                one.send(signal.SIGKILL)
            for handle in self.handles:
                handle.end()

    def step(self) -> None:
        """Each process does something, and something is done to all of them."""
        moves = [self.command, self.lose, self.spoil, self.copy, self.export, lambda: None]
        move = self.rng.choices(moves, [6, 1, 1, 1, 1, 1])[0]
        if move == self.spoil:  # nobody else can write sound records while that is done
            self.spoil()
            return
        asked = [self._ask(at) for at in range(len(self.handles))]
        self._disturb()
        time.sleep(self.rng.random() * 0.03)
        move()
        for at, words in enumerate(asked):
            self.handles[at].send(signal.SIGCONT)
            self._note(words, self.handles[at].answer())
            if self.handles[at].code is not None:
                self.handles[at].end()
                self.handles[at] = self._live()
        while self.exports and self.rng.random() < 0.5:
            self._resume()

    # -- what the processes are asked

    def _ask(self, at: int) -> list[Any]:
        kind = self.rng.choices(
            ["enrol", "forget", "find", "compact", "erase", "optimise"], [8, 4, 4, 2, 1, 1]
        )[0]
        sure = [name for name in self.truth.sure() if self._lot(name) == at]
        kind = kind if sure else "enrol"
        words: list[Any] = [kind]
        if kind == "enrol":
            words += [[self._fresh(at) for _ in range(self.rng.randint(1, 4))], 3, 1280]
        elif kind == "compact":
            words += [0.2]
        elif kind != "optimise":
            words += [self.rng.choice(sure)]
        if kind == "erase":
            words += [str(self.folder / f"receipt-{at}.json")]
        self.handles[at].tell(*words)
        return words

    def _note(self, words: list[Any], answer: dict[str, Any]) -> None:
        """What is known from now on."""
        kind, refused = words[0], answer.get("refused")
        self.happened[f"{kind}: {refused or 'done'}"] += 1
        if refused in ("killed", "interrupted"):
            assert "Error" not in answer["why"], answer
        elif refused == "erasure_incomplete":
            refused = None
        elif refused:
            assert refused in REFUSALS, answer
        certain = refused is None
        if kind == "find":
            assert refused or answer["done"] == words[1:], (words, answer)
        if refused in REFUSALS:
            return
        if kind == "enrol":
            for name in words[1]:
                self.truth.change(name, expected(name, range(3)), certain)
        elif kind in ("forget", "erase"):
            self.truth.change(words[1], {}, certain)

    def _disturb(self) -> None:
        """Perhaps interrupt, suspend or kill one of the processes at a random instant."""
        victim = self.rng.choice(self.handles)
        number = self.rng.choices([0, signal.SIGINT, signal.SIGSTOP, signal.SIGKILL], [4, 3, 2, 1])[
            0
        ]
        time.sleep(self.rng.random() ** 2 * 0.05)
        if number:
            self.happened[signal.Signals(number).name] += 1
            victim.send(number)
            if number == signal.SIGSTOP and self.rng.random() < 0.5:
                time.sleep(0.05)
                victim.send(signal.SIGCONT)

    # -- what is done to the index

    def command(self) -> None:
        """A whole command, perhaps interrupted."""
        kind = self.rng.choice(
            ["compact", "compact", "erase", "repair", "optimise", "migrate", "check"]
        )
        words: list[object] = ["index", kind, "-i", self.path]
        sure = [name for name in self.truth.sure() if self._lot(name) == 3]
        name = self.rng.choice(sure)
        if kind == "erase":
            words = [*words, name, "--receipt", self.folder / "receipt.json"]
        running = Command(words, self.folder / f"command-{kind}")
        for handle in self.handles:
            handle.send(signal.SIGCONT)  # a suspended one may hold the lock
        interrupted = self.rng.random() < 0.5 or bool(self.exports)
        if interrupted:
            time.sleep(self.rng.random() * (1.0 if self.exports else 0.2))
            running.send(signal.SIGINT)
        code, said = running.wait(), running.said.read_text()
        self.happened[f"{kind}: exit {code}"] += 1
        assert code in (0, 2, 130), said
        assert "unexpected" not in said, said
        if code == 2:
            assert "busy" in said or "being" in said or "forgotten" in said, said
        if kind == "erase" and "nothing was forgotten" not in said:
            certain = code == 0 or "is forgotten" in said
            if certain or code == 130:
                self.truth.change(name, {}, certain)

    def lose(self) -> None:
        """The manifest goes, or both do, while everybody is at work; `repair` brings it back."""
        for name in self.rng.choice([("index.json",), ("index.json", "index.copy.json")]):
            (self.path / name).unlink(missing_ok=True)
        time.sleep(self.rng.random() * 0.02)
        self._repair(0)

    def spoil(self) -> None:
        """The state record is damaged, from which no reference is lost."""
        manifest = json.loads((self.path / "index.json").read_text())
        data = self.path / manifest["content"]["store"] / "data.mdb"
        with open(data, "r+b") as file:
            whole = file.read()
            for found in re.finditer(rb"(Mstate)(.{104})(.{4})", whole, re.DOTALL):
                key, state, checksum = found.groups()
                if crc32(state, crc32(key)) == int.from_bytes(checksum, "little"):
                    file.seek(found.end() - 1)
                    file.write(bytes([checksum[-1] ^ 1]))
        for kept in self._repair(1)["kept"]:  # as a user does it, who wants to erase
            shutil.rmtree(self.path / kept["name"])

    def _repair(self, code: int) -> dict[str, Any]:
        for handle in self.handles:
            handle.send(signal.SIGCONT)
        running = Command(["index", "repair", "-i", self.path, "--json"], self.folder / "repair")
        found, said = running.wait(), running.said.read_text()
        assert found == code, (found, said)
        self.happened[f"repair of damage: exit {found}"] += 1
        told: dict[str, Any] = json.loads(said)
        return told

    def copy(self) -> None:
        """A plain copy at a random instant is sound or named as damaged."""
        copied = self.folder / "copy"
        shutil.rmtree(copied, ignore_errors=True)
        try:
            shutil.copytree(self.path, copied)
        except (shutil.Error, FileNotFoundError):
            return  # a file went while it was copied
        running = Command(["index", "check", "-i", copied], self.folder / "check-copy")
        code, said = running.wait(), running.said.read_text()
        self.happened[f"copy: {'sound' if code == 0 else 'named as damaged'}"] += 1
        assert code == 0 or ("damaged" in said or "checksum" in said or "data.mdb" in said), said

    def export(self) -> None:
        """An export that is suspended in the middle of its read."""
        place = self.folder / f"out-{len(self.exports)}.parquet"
        running = suspended_export(self.path, place, self.folder / f"export-{len(self.exports)}")
        if running.stopped():
            self.exports.append(running)
            self.happened["export: suspended"] += 1

    def _resume(self) -> None:
        running = self.exports.pop()
        running.send(signal.SIGCONT)
        assert running.wait() == 0, running.said.read_text()

    # -- the end

    def check(self) -> None:
        """All handles and a fresh process hold what they should; a last compaction tidies up."""
        while self.exports:
            self._resume()
        found: dict[str, Stored] = {}
        for at, handle in enumerate(self.handles):
            handle.tell("held")
            answer = handle.answer()
            if answer.get("refused") == "killed" and not answer["why"]:
                continue  # by the last step, after it had answered
            assert "done" in answer, answer
            found = answer["done"]
            self.truth.compare(found, f"handle {at}")
        if found:
            self.truth.settle(found)
        self._fresh_process()
        running = Command(["index", "compact", "-i", self.path], self.folder / "compact-last")
        assert running.wait() == 0, running.said.read_text()
        assert "note" not in running.said.read_text(), running.said.read_text()
        shutil.copytree(self.path, self.folder / "copied", dirs_exist_ok=True)
        self.path = self.folder / "copied"
        self._fresh_process()

    def _fresh_process(self) -> None:
        def look() -> int:
            health = check_index(self.path)
            assert health.sound, health.problems
            with WriterIndex.open(self.path, read_only=True) as index:
                self.truth.compare(held(index), "a fresh process")
            return 0

        done = Forked(look, self.folder / "fresh")
        assert done.wait() == 0, done.said.read_text()

    def _live(self) -> Live:
        return Live(self.path, self.folder / f"handle-{random.random()}")

    def _fresh(self, at: int) -> str:
        self._names += 1
        return f"new {self._names} of {at}"

    def _lot(self, name: str) -> int:
        """Which process works on a writer: 0 to 2 the handles, 3 whole commands."""
        return int(name.rpartition(" ")[2]) % 4
