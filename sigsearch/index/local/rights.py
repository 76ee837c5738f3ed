"""Who may read what an index writes: its owner alone, until the owner gives `index.json` to others.

Then new files are given to the same people, so that a compaction takes nothing from them.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from sigsearch.index.local.contents import MANIFEST

OWN_FILE, OWN_FOLDER = 0o600, 0o700


def rights_in(root: Path) -> int:
    """The permissions of a new file in the index `root`."""
    try:
        return stat.S_IMODE(os.lstat(root / MANIFEST).st_mode) & 0o666 | OWN_FILE
    except OSError:
        return OWN_FILE


def share_alike(root: Path, name: str) -> None:
    """Give a new folder of the index, and the files in it, to whom `index.json` is given; else to
    the owner alone."""
    mode = rights_in(root)
    with suppress(PermissionError):  # somebody else's file system, or somebody else's folder
        for file in (root / name).iterdir():
            os.chmod(file, mode)
        os.chmod(root / name, mode | (mode & 0o444) >> 2)
