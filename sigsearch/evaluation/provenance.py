"""With what a figure was made, so that it can be made again."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import Any

from sigsearch.evaluation.session import Run

_PACKAGES = ("sigsearch", "numpy", "onnxruntime", "pillow")


def versions() -> dict[str, str]:
    """Of Python and of what the figures depend on."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def provenance(run: Run, command: str) -> dict[str, Any]:
    """What an evaluation was of, for the head of its report."""
    plan = run.plan
    return {
        "command": command,
        "protocol": run.protocol or "none: all writers tested",
        "scorers": list(run.scorers),
        "reference_counts": list(plan.references),
        "draws": plan.draws,
        "seed": plan.seed,
        "versions": versions(),
        "platform": f"{platform.system()} {platform.machine()}",
    }
