"""Nothing heavy is imported before it is needed; torch stays in its room; arrows point down."""

from __future__ import annotations

import ast
import importlib
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


# From the ground up. A room knows rooms on lower floors only.
FLOORS = (
    ("errors", "names", "arrays", "schema"),
    ("arguments",),
    ("metrics", "models", "index"),
    ("matching", "imaging"),
    ("encoder", "synthesis", "documents"),
    ("datasets",),
    ("engine", "classifier"),
    ("audit", "trials", "bulk"),
    ("training", "calibration"),
    ("evaluation", "comparison"),
    ("report",),
    ("explanation",),
    ("server",),
    ("cli", "client"),
)
# Lower floors that a room does not know all the same: the engine introduces them.
WALLS = {
    "imaging": {"index", "metrics"},
    "matching": {"index"},
    "encoder": {"index", "matching"},
    "datasets": {"index", "matching"},
    "documents": {"index", "matching", "metrics"},
    "synthesis": {"index", "matching"},
    "classifier": {"index", "matching"},
    "training": {"index"},
}
LATE = {"faiss", "onnxruntime", "PIL", "lmdb", "matplotlib", "jinja2", "fpdf", "rich", "scipy"}
SERVED = {"fastapi", "starlette", "uvicorn", "sqlalchemy", "pydantic", "prometheus_client"}
LATE |= {
    "psycopg",
    "cryptography",
    "jwt",
    "pyarrow",
    "fsspec",
    "ray",
    "cv2",
    "pypdfium2",
    "pillow_heif",
    "resvg_py",
}


def rooms() -> set[str]:
    found = {path.name.removesuffix(".py") for path in PACKAGE.iterdir()}
    return {name for name in found if "_" not in name[:1] and "." not in name}


def test_every_room_has_its_floor():
    assert rooms() <= {room for floor in FLOORS for room in floor}


@pytest.mark.parametrize("room", sorted(rooms()))
def test_arrows_point_down(room: str):
    level = next(n for n, floor in enumerate(FLOORS) if room in floor)
    allowed = {name for floor in FLOORS[:level] for name in floor} - WALLS.get(room, set())
    place = PACKAGE / room
    for path in place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")]:
        known = {m.split(".")[1] for m in imports_of(path) if m.startswith("sigsearch.")}
        assert known <= allowed | {room}, f"{path}: {known - allowed - {room}}"


@pytest.mark.parametrize("room", sorted(rooms() - {"training"}))
def test_what_is_heavy_is_imported_late(room: str):
    place = PACKAGE / room
    for path in place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")]:
        at_once = ast.Module(ast.parse(path.read_text(encoding="utf-8")).body, [])
        at_once.body = [n for n in at_once.body if isinstance(n, (ast.Import, ast.ImportFrom))]
        names = {alias.name for n in at_once.body if isinstance(n, ast.Import) for alias in n.names}
        names |= {n.module for n in at_once.body if isinstance(n, ast.ImportFrom) and n.module}
        late = LATE if room == "server" else LATE | SERVED
        assert not {name.split(".")[0] for name in names} & late, path


def test_scripts_import_what_is_there():
    """They run seldom: a name that moved would be missed only then."""
    for path in (PACKAGE.parent / "scripts").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sigsearch"):
                module = importlib.import_module(node.module or "")
                for alias in node.names:
                    there = hasattr(module, alias.name) or hasattr(module, "__path__")
                    assert there, f"{path}: {node.module} has no {alias.name}"


def test_scripts_find_each_other():
    """One of another folder is found only where that folder is named."""
    scripts = PACKAGE.parent / "scripts"
    places = {path.stem: path.parent for path in scripts.rglob("*.py")}
    for path in scripts.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for module in imports_of(path) & set(places):
            folder = places[module]
            near = folder == path.parent or (path.parent / f"{module}.py").exists()
            assert near or f'"{folder.name}"' in text, f"{path}: {module} of {folder.name}"


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
