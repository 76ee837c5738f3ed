"""The whole path on invented writers: draw them, enrol them, ask. `make demo` runs this.

python scripts/demo.py indexes/demo
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

SIGSEARCH = Path(sys.executable).with_name("sigsearch")
WRITERS, GENUINE, FORGERIES = 12, 6, 3


def run(*words: object) -> None:
    """Show a command, run it, let its answers stand; only an error ends the demonstration."""
    print("\n$ sigsearch", *words, flush=True)
    code = subprocess.run([str(SIGSEARCH), *map(str, words)], check=False).returncode
    if code == 2:
        sys.exit(code)


def main() -> None:
    index = Path(sys.argv[1])
    drawn, references = index.with_name("demo-drawn"), index.with_name("demo-references")
    for folder in (index, drawn, references):
        shutil.rmtree(folder, ignore_errors=True)
    run("synth", drawn, "--writers", WRITERS, "--genuine", GENUINE, "--forgeries", FORGERIES,
        "--seed", 7)  # fmt: skip
    writers = sorted(folder for folder in drawn.iterdir() if folder.is_dir())
    for writer in writers:
        genuine = sorted(p for p in writer.glob("*.png") if "forg" not in p.name)
        for path in genuine[:-1]:
            (references / writer.name).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, references / writer.name / path.name)
    run("index", "build", references, "--index", index)
    who = writers[3]
    questioned = sorted(p for p in who.glob("*.png") if "forg" not in p.name)[-1]
    imitation = sorted(p for p in who.rglob("*.png") if "forg" in str(p.relative_to(drawn)))[0]
    run("query", questioned, "--index", index, "--k", 3)
    run("verify", questioned, "--writer", who.name, "--index", index)
    run("verify", imitation, "--writer", who.name, "--index", index)


if __name__ == "__main__":
    main()
