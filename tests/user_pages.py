"""Run what the user's pages tell people to paste."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINK = "https://github.com/sigsearch/sigsearch/blob/main/"
RAW = "https://raw.githubusercontent.com/sigsearch/sigsearch/main/"


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in a language, in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def run_lines(block: str, folder: Path) -> None:
    """Run each line in `folder`. What follows ` # `, unless in brackets, must begin a line of its
    output or stand after a colon there; it must not end with an error (exit code 2)."""
    scripts = str(Path(sys.executable).parent)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SIGSEARCH_")}
    environment = kept | {"PATH": scripts + os.pathsep + os.environ["PATH"]}
    for line in filter(None, map(str.strip, block.splitlines())):
        command, _, expected = line.partition(" # ")
        done = subprocess.run(
            command, shell=True, cwd=folder, env=environment, capture_output=True, text=True
        )
        assert done.returncode in (0, 1), f"{line}\n{done.stdout}{done.stderr}"
        if not expected.startswith("("):
            answer = rf'(?m)(?:^\W*|: "?){re.escape(expected.strip())}'
            assert re.search(answer, done.stdout + done.stderr), f"{line}\n{done.stdout}"
