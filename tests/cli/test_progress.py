"""Progress is on a terminal only, never mixed with answers, and gone when they are given."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

SLOW = """
import time
from sigsearch.cli import output, progress
progress._PATIENCE = 0.05
output.sink.json = JSON
with output.working("looking"):
    time.sleep(0.4)
    for n in output.progress(range(3), "asking", 3):
        time.sleep(0.3)
        output.sink.answer({"n": n}, lambda: output.line(f"answer {n}"), among=3)
        output.say(f"note {n}")
"""


def on_terminal(script: str, tmp_path: Path, stdout_too: bool) -> tuple[str, str]:
    """What a terminal got, and what a file that stdout was sent to."""
    master, slave = pty.openpty()
    with (tmp_path / "out").open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", script],
            stdout=slave if stdout_too else file, stderr=slave,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
        )  # fmt: skip
    os.close(slave)
    got = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        got += part
    os.close(master)
    assert process.wait() == 0, got.decode()
    return got.decode(), (tmp_path / "out").read_text()


def screen(text: str) -> list[str]:
    """The lines that are left on a terminal that obeyed `text`."""
    lines, row = [""], 0
    for piece in re.split(r"(\x1b\[[?0-9;]*[A-Za-z]|\r|\n)", text):
        if piece == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif piece == "\x1b[2K":
            lines[row] = ""
        elif match := re.fullmatch(r"\x1b\[(\d*)A", piece):
            row -= int(match[1] or 1)
        elif piece and piece[0] not in "\x1b\r":
            lines[row] += piece
    return [line for line in lines if line.strip()]


def test_answers_go_where_they_are_sent(tmp_path: Path) -> None:
    got, out = on_terminal("JSON = True" + SLOW, tmp_path, stdout_too=False)
    assert out == '{"n": 0}\n{"n": 1}\n{"n": 2}\n'
    assert "asking 1/3" in got
    assert screen(got) == ["note 0", "note 1", "note 2"]


def test_nothing_of_a_bar_is_left_between_answers(tmp_path: Path) -> None:
    got, _ = on_terminal("JSON = False" + SLOW, tmp_path, stdout_too=True)
    assert "looking" in got
    expected = [f"{word} {n}" for n in range(3) for word in ("answer", "note")]
    assert screen(got) == expected


def test_the_bar_of_a_whole_command_does_not_come_back_after_its_answer(tmp_path: Path) -> None:
    script = """
import time
from sigsearch.cli import output, progress
progress._PATIENCE = 0.05
with output.working("looking"):
    time.sleep(0.3)
    output.line("answer")
    mark = time.sleep(0.4)
"""
    got, _ = on_terminal(script, tmp_path, stdout_too=True)
    assert "looking" in got.partition("answer")[0]
    assert "looking" not in got.partition("answer")[2]


def test_what_is_quick_shows_no_bar(tmp_path: Path) -> None:
    script = "from sigsearch.cli import output\nwith output.working('w'):\n    output.line('a')\n"
    got, _ = on_terminal(script, tmp_path, stdout_too=True)
    assert got == "a\r\n"


def test_without_a_terminal_there_is_none() -> None:
    done = subprocess.run([sys.executable, "-c", "JSON = False" + SLOW], capture_output=True)
    assert done.stderr == b"note 0\nnote 1\nnote 2\n"
    assert done.stdout == b"answer 0\nanswer 1\nanswer 2\n"
