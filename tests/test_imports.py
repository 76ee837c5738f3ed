"""Nothing heavy is imported before it is needed; torch stays in its room; arrows point down."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sigsearch

PACKAGE = Path(sigsearch.__file__).parent
HEAVY = {
    "torch",
    "faiss",
    "onnxruntime",
    "PIL",
    "numpy",
    "lmdb",
    "matplotlib",
    "scipy",
    "rich",
    "jinja2",
}


def loaded_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*{{m.split('.')[0] for m in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("code", ["import sigsearch", "from sigsearch.cli.app import app"])
def test_help_pays_for_nothing_heavy(code: str):
    assert not loaded_by(code) & HEAVY


def test_a_verification_needs_no_torch():
    rooms = ("engine.signature_index", "cli.app", "evaluation", "synthesis")
    code = "import " + ", ".join(f"sigsearch.{room}" for room in rooms)
    assert not loaded_by(code) & {"torch", "faiss", "matplotlib", "scipy"}


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import)
             for alias in node.names}  # fmt: skip
    froms = (n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom))
    return found | {node.module for node in froms if node.module and not node.level}


def test_torch_lives_in_training_only():
    for path in PACKAGE.rglob("*.py"):
        if "training" not in path.relative_to(PACKAGE).parts:
            assert not {m.split(".")[0] for m in imports_of(path)} & {"torch"}, path


@pytest.mark.parametrize(
    ("room", "strangers"),
    [
        ("imaging", {"index", "matching", "encoder", "engine", "cli", "evaluation"}),
        ("index", {"imaging", "matching", "encoder", "engine", "cli", "evaluation"}),
        ("matching", {"imaging", "index", "encoder", "engine", "cli", "evaluation"}),
        ("encoder", {"index", "engine", "cli", "evaluation"}),
        ("datasets", {"index", "encoder", "matching", "engine", "cli", "evaluation"}),
        ("evaluation", {"report", "cli"}),
        ("comparison", {"report", "cli"}),
        ("audit", {"report", "evaluation", "comparison", "cli"}),
        ("report", {"cli", "explanation", "training"}),
        ("synthesis", {"index", "encoder", "matching", "engine", "cli", "evaluation"}),
    ],
)
def test_rooms_do_not_know_each_other(room: str, strangers: set[str]):
    for path in (PACKAGE / room).rglob("*.py"):
        known = {m.split(".")[1] for m in imports_of(path) if m.startswith("sigsearch.")}
        assert not known & strangers, f"{path}: {known & strangers}"


def test_every_extra_that_is_named_exists():
    root = Path(__file__).parent.parent
    texts = [path.read_text(encoding="utf-8") for path in (
        root / "README.md", *root.glob("docs/*.md"), *PACKAGE.rglob("*.py")
    )]  # fmt: skip
    named = set(re.findall(r"(?:sigsearch\[|the extra `)(\w+)", "\n".join(texts)))
    project = (root / "pyproject.toml").read_text(encoding="utf-8")
    extras = project.split("[project.optional-dependencies]")[1].split("\n[")[0]
    assert named <= set(re.findall(r"^(\w+) = ", extras, re.M))
    assert "train" in named
