"""The command reference is what --help says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from sigsearch.cli.app import app

ROOT = Path(__file__).parents[2]


def test_the_page_of_commands_is_up_to_date(tmp_path: Path):
    page = tmp_path / "cli.md"
    script = ROOT / "scripts" / "write_cli_reference.py"
    subprocess.run([sys.executable, script, page], check=True)
    assert page.read_text() == (ROOT / "docs" / "cli.md").read_text(), "run `make docs`"


def test_calibrate_does_not_promise_to_keep_a_rate():
    text = CliRunner().invoke(app, ["calibrate", "--help"]).stdout
    assert "Not stored" in text
    assert "--index indexes/mine --fmr" not in text
