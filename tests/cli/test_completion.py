"""Completion scripts are run by the shells themselves."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sigsearch.cli.app import app
from sigsearch.cli.completion import SHELLS


@pytest.fixture(scope="module", params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    done = CliRunner().invoke(app, ["completion", request.param], catch_exceptions=False)
    script = tmp_path_factory.mktemp("completion") / "script"
    script.write_text(done.stdout, encoding="utf-8")
    return request.param, script


def completed(shell: str, script: Path, typed: str) -> set[str]:
    """What a shell offers after `typed`."""
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    if shell == "bash":
        words = typed.split(" ")
        array = " ".join(f"'{word}'" for word in words)
        code = (
            f"source {script}; COMP_WORDS=({array}); COMP_CWORD={len(words) - 1}; _sigsearch; "
            'printf "%s\\n" "${COMPREPLY[@]}"'
        )
    elif shell == "fish":
        code = f"source {script}; complete -C '{typed}'"
    else:
        words = typed.split(" ")
        array = " ".join(f"'{word}'" for word in words)
        code = (
            "compdef() { :; }; _files() { print FILES; }; "
            "compadd() { [[ $1 == -- ]] && shift; print -l -- $@; }; "
            f"source {script}; words=({array}); CURRENT={len(words)}; _sigsearch"
        )
    flags = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    done = subprocess.run([shell, *flags, "-c", code], capture_output=True, text=True)
    assert done.stderr == ""
    return {line.split("\t")[0] for line in done.stdout.splitlines() if line}


def test_commands_and_options_are_offered(shell) -> None:
    assert {"query", "verify", "index", "train", "completion"} <= completed(*shell, "sigsearch ")
    assert {"build", "add", "new-key"} <= completed(*shell, "sigsearch index ")
    assert {"--writer-folder", "--json", "--help"} <= completed(*shell, "sigsearch index build --")
    assert "--fpir" in completed(*shell, "sigsearch query a.png --")
    assert "build" not in completed(*shell, "sigsearch verify ")
    assert "--writer" not in completed(*shell, "sigsearch index check --")
    assert "--report" not in completed(*shell, "sigsearch index check --")
    assert "--report" in completed(*shell, "sigsearch index audit --")
    assert "--writer" in completed(*shell, "sigsearch verify --")


def test_a_shell_that_is_not_known() -> None:
    done = CliRunner().invoke(app, ["completion", "cmd"])
    assert done.exit_code == 2
    assert all(f"'{shell}'" in done.output for shell in SHELLS)
