"""What a command refuses before it works, and how it is called."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

import sigsearch
from sigsearch.cli import main
from sigsearch.cli.app import app
from sigsearch.cli.output import counted


def pages(command, words: tuple[str, ...] = ()):
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from pages(inner, (*words, name))


PAGES = [words for words, _ in pages(typer.main.get_command(app))]


def help_of(*words: str) -> str:
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


@pytest.mark.parametrize("words", PAGES, ids=" ".join)
def test_h_is_help_everywhere(words: tuple[str, ...]) -> None:
    assert help_of(*words, "-h") == help_of(*words, "--help")


@pytest.mark.parametrize("words", [w for w in PAGES if len(w) < 2], ids=" ".join)
def test_summaries_are_whole_sentences(words: tuple[str, ...]) -> None:
    text = help_of(*words, "--help").partition("Commands:")[2]
    entries: list[str] = []
    for row in text.splitlines():
        if row.startswith("   "):
            entries[-1] += " " + row.strip()
        elif row.strip():
            entries.append(row.strip())
    assert all(entry.endswith(".") and not entry.endswith("..") for entry in entries), entries


def test_as_a_module() -> None:
    words = [sys.executable, "-m", "sigsearch", "--version"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"sigsearch {sigsearch.__version__}\n")


@pytest.mark.parametrize("words", [(), ("index",), ("train",)])
def test_a_call_without_words_is_answered_with_the_help(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr(sys, "argv", ["sigsearch", *words])
    with pytest.raises(SystemExit) as stopped:
        main()
    told = capsys.readouterr()
    assert (stopped.value.code, told.out) == (2, "")
    assert "\nCommands:\n" in told.err
    assert "error: " not in told.err


def outcome(monkeypatch: pytest.MonkeyPatch, capsys, *words: object) -> tuple[int, dict]:
    monkeypatch.setattr(sys, "argv", ["sigsearch", *map(str, words), "--json"])
    with pytest.raises(SystemExit) as stopped:
        main()
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    return stopped.value.code, json.loads(told.out)["error"]


@pytest.mark.parametrize(
    ("words", "suffix"),
    [
        (("verify", "a.png", "b.png", "--report"), ".png"),
        (("verify", "a.png", "b.png", "--report"), ".docx"),
        (("index", "audit", "--report"), ".pdf"),
        (("encode", "a.png", "-o"), ".csv"),
        (("explain", "a.png", "-o"), ".jpg"),
        (("classify", "a.png", "-m", "model", "-w", "anna", "-o"), ".pdf"),
    ],
)
def test_a_file_is_not_written_under_the_name_of_another_kind(
    words, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    target = tmp_path / f"x{suffix}"
    code, error = outcome(monkeypatch, capsys, *words, target)
    assert (code, error["code"]) == (2, "not_writable")
    assert suffix in error["message"]
    assert not target.exists()


@pytest.mark.parametrize(
    ("module", "extra", "words"),
    [
        ("torch", "train", ("train", "siamese", "data", "-o", "out")),
        ("matplotlib", "train", ("train", "classifier", "data", "-o", "out")),
        ("torch", "train", ("compare", "data")),
        ("pyarrow", "parquet", ("index", "export", "x.parquet")),
        ("pyarrow", "parquet", ("metrics", "x.parquet")),
        ("cv2", "peers", ("evaluate", "data", "--peers", "orb")),
        ("onnx", "train", ("explain", "IMAGE", "-o", "x.png")),
        ("cryptography.hazmat.primitives.ciphers.aead", "encryption",
         ("index", "create", "--key-file", "KEY")),
    ],
)  # fmt: skip
def test_a_missing_extra_is_named_with_its_command(
    module: str, extra: str, words, tmp_path: Path, references: Path,
    monkeypatch: pytest.MonkeyPatch, capsys,
) -> None:  # fmt: skip
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.chdir(tmp_path)
    Path("key").write_text("00" * 32)
    Path("x.parquet").write_bytes(b"")
    places = {"IMAGE": references / "bo" / "0.png", "KEY": "key"}
    if words[:2] == ("index", "export"):
        monkeypatch.setattr(sys, "argv", ["sigsearch", "index", "create"])
        with pytest.raises(SystemExit):
            main()
        capsys.readouterr()
    code, error = outcome(monkeypatch, capsys, *(places.get(word, word) for word in words))
    assert code == 2
    assert f"pip install 'sigsearch[{extra}]'" in error["message"]


@pytest.mark.parametrize(
    ("words", "now"),
    [
        (("index", "verify", "-i", "x"), "`sigsearch index check`"),
        (("index", "check", "--report", "x.html"), "`sigsearch index audit`"),
        (("index", "check", "--encoder=x"), "`sigsearch index audit`"),
        (("query", "a.png", "--audit"), "`--log`"),
        (("verify", "a.png", "-w", "anna", "--audit"), "`--log`"),
    ],
)
def test_an_old_name_is_an_error_that_says_the_new_one(
    words, now: str, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    code, error = outcome(monkeypatch, capsys, *words)
    assert (code, error["code"]) == (2, "usage")
    assert now in error["message"]


def test_a_word_that_never_was_a_command_is_not_called_renamed(
    monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    code, error = outcome(monkeypatch, capsys, "index", "verfy")
    assert (code, error["code"]) == (2, "usage")
    assert "is now" not in error["message"]


def test_quiet_leaves_only_errors_and_the_exit_code(
    references: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def code_of(*words: object) -> int:
        with pytest.raises(SystemExit) as stopped:
            main([str(word) for word in words])
        return stopped.value.code or 0

    index, image = tmp_path / "index", references / "bo" / "0.png"
    same = ("verify", references / "chidi" / "0.png", references / "chidi" / "1.png")
    other = ("verify", image, references / "anna" / "0.png")
    loose = ("--fmr", "0.2", "--fnmr", "0.1")
    assert code_of("--quiet", "index", "add", "bo", image, "-i", index) == 0
    assert code_of("-q", *same, *loose) == 0
    assert code_of("-q", *other, *loose, "--json") == 1
    assert capfd.readouterr() == ("", "")
    assert code_of("-q", "query", tmp_path / "no.png", "-i", index) == 2
    assert code_of("-q", "index", "add", "bo", tmp_path / "no.png", "-i", index) == 2
    told = capfd.readouterr()
    assert told.out == ""
    error, refused = told.err.splitlines()
    assert error.startswith("error: ")
    assert refused.startswith("refused: ")
    assert code_of("index", "list", "-i", index) == 0
    assert "bo" in capfd.readouterr().out


def test_choices_are_listed_and_others_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    assert "skilled|random|both" in help_of("verify", "--help")
    assert "full|lazy" in help_of("index", "add", "--help")
    assert "clean|scan|cheque|fax" in help_of("synth", "--help")
    code, error = outcome(monkeypatch, capsys, "synth", tmp_path / "x", "--style", "oil")
    assert (code, error["code"]) == (2, "usage")
    assert "cheque" in error["message"]


def test_one_is_counted_without_an_s() -> None:
    assert [counted(n, "writer") for n in (0, 1, 2)] == ["0 writers", "1 writer", "2 writers"]
    assert counted(2, "forgery", "forgeries") == "2 forgeries"
