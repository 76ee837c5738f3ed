"""The console with streams of any encoding, closed or full, and names that a terminal obeys."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sigsearch import SignatureIndex
from sigsearch.cli.streams import harmless, harmless_json
from sigsearch.encoder import Encoder

ODD = "\x1b[31mred\x07\x9b2J\rAnna\nzoe: identified\u202eevil"
NAMES = ("李 雷 é", ODD)


def run(*words: object, **given: object) -> subprocess.CompletedProcess:
    environment = {**os.environ, "COLUMNS": "80", **given.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-m", "sigsearch", *map(str, words)],
        env=environment, **{"capture_output": True, **given},
    )  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, references: Path) -> Path:
    """An index by the shipped encoder with a reference of each of `NAMES`."""
    path = tmp_path_factory.mktemp("streams") / "index"
    with SignatureIndex.create(path, Encoder.load()) as opened:
        for at, name in enumerate(NAMES):
            opened.enrol(name, [references / "bo" / f"{at}.png"])
    return path


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8", "latin-1"])
def test_stdout_of_any_encoding(encoding: str, index: Path) -> None:
    env = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    shown = run("index", "list", "-i", index, env=env)
    assert shown.returncode == 0, shown.stderr
    shown.stdout.decode(encoding)
    found = run("index", "list", "-i", index, "--json", env=env)
    names = [writer["name"] for writer in json.loads(found.stdout.decode(encoding))]
    assert names == ["李 雷 é", ODD]
    unknown = run("index", "forget", "Ümit 李", "-i", index, env=env)
    assert unknown.returncode == 2
    assert b"Traceback" not in unknown.stderr
    assert run("--help", env=env).returncode == 0


def obeyed(output: bytes) -> list[str]:
    text = output.decode()
    return [c for c in "\x1b\x07\x9b\r\u202e" if c in text]


def test_escape_sequences_in_names_never_reach_a_terminal(index: Path, references: Path) -> None:
    image = references / "bo" / "2.png"
    tries = [
        ("index", "list", "-i", index),
        ("index", "list", "-i", index, "--json"),
        ("query", image, "-i", index),
        ("query", image, "-i", index, "--json"),
        ("verify", image, "--writer", ODD, "-i", index),
        ("verify", image, "--writer", ODD + "x", "-i", index),
        ("verify", image, "--writer", ODD + "x", "-i", index, "--json"),
        ("verify", ODD, image),
        ("verify", image, image, "--" + ODD),
        (ODD,),
        ("synth", "x", "--style", ODD),
        ("index", "list", "-i", ODD),
    ]
    for words in tries:
        done = run(*words)
        assert not obeyed(done.stdout), words
        assert not obeyed(done.stderr), words
        assert b"\nzoe: identified" not in done.stdout + done.stderr, words
        if "--json" in words:
            json.loads(done.stdout)


def test_what_is_harmless_stays_as_it_is() -> None:
    plain = "Ünal / 李 雷 [bold] मीरा क\u200dष 100 %"
    assert harmless(plain) == plain
    document = {"name": ODD, "lines": [1, 2]}
    text = json.dumps(document, ensure_ascii=False, indent=1)
    assert json.loads(harmless_json(text)) == document
    assert harmless_json(text).count("\n") == text.count("\n")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(closed: str, index: Path, references: Path, tmp_path: Path) -> None:
    """Nothing that is opened later may get a stream's number: an index would be overwritten."""
    path = tmp_path / "index"
    words = ["index", "add", "bo", str(references / "bo" / "0.png"), str(tmp_path / "no.png")]
    command = f'exec "$@" {closed}'
    line = ["sh", "-c", command, "sh", sys.executable, "-m", "sigsearch", *words, "-i", str(path)]
    done = subprocess.run(line, capture_output=True)
    assert done.returncode == 2  # for no.png, which is refused
    assert b"Traceback" not in done.stderr
    health = run("index", "check", "-i", path, "--json")
    assert json.loads(health.stdout)["reference_count"] == 1
    assert health.returncode == 0


def test_a_closed_standard_input_is_an_empty_file(index: Path) -> None:
    line = ["sh", "-c", 'exec "$@" <&-', "sh", sys.executable, "-m", "sigsearch"]
    done = subprocess.run([*line, "query", "-", "-i", str(index)], capture_output=True)
    assert done.returncode == 2
    assert b"<standard input>" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("words", [["--help"], ["index", "list"], ["index", "list", "--json"],
                                   ["index", "list", "--nonsense", "--json"]])  # fmt: skip
def test_a_full_disk_behind_stdout_is_an_error(words: list[str], index: Path) -> None:
    with open("/dev/full", "wb") as full:
        given = {"env": {"SIGSEARCH_INDEX": str(index)}, "capture_output": False}
        done = run(*words, stdout=full, stderr=subprocess.PIPE, **given)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b"error: " in done.stderr
    assert b"Exception ignored" not in done.stderr


def test_nobody_needs_to_hear_the_talk(index: Path, tmp_path: Path, references: Path) -> None:
    with open("/dev/full", "wb") as full:
        words = ("index", "add", "bo", references / "bo" / "0.png", "-i", tmp_path / "index")
        done = run(*words, stdout=subprocess.PIPE, stderr=full, capture_output=False)
    assert done.returncode == 0
    assert b"enrolled 1 reference of 1 writer " in done.stdout


def test_encode_keeps_what_it_had_when_the_disk_is_full(references: Path, tmp_path: Path) -> None:
    out, image = tmp_path / "v.npy", references / "bo" / "0.png"
    out.write_bytes(b"what it had")
    script = """
import errno, sys, numpy
from sigsearch.__main__ import main

def no_room(file, rows):
    file.write(b"half")
    raise OSError(errno.ENOSPC, "No space left on device")

numpy.save = no_room
sys.argv = ["sigsearch", "encode", *sys.argv[1:]]
main()
"""
    words = [sys.executable, "-c", script, str(image), "-o", str(out)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == f"error: {out}: not written: No space left on device\n"
    assert out.read_bytes() == b"what it had"
    assert list(tmp_path.iterdir()) == [out]
    full = run("encode", image, "-o", "/dev/full", "--json")
    assert (full.returncode, json.loads(full.stdout)["error"]["code"]) == (2, "not_writable")


def test_a_new_file_takes_the_place_of_the_old_one(references: Path, tmp_path: Path) -> None:
    kept, out = tmp_path / "kept.npy", tmp_path / "link.npy"
    kept.write_bytes(b"old")
    kept.chmod(0o640)
    out.symlink_to(kept)
    assert run("encode", references / "bo" / "0.png", "-o", out).returncode == 0
    assert out.is_symlink()
    assert np.load(kept).shape[0] == 1
    assert kept.stat().st_mode & 0o777 == 0o640
