"""Archives of signatures, as they are sent to be enrolled."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

Specimens = dict[str, list[Path]]


def archive(specimens: Specimens, prefix: str, copies: int = 1) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, paths in specimens.items():
            for at, path in enumerate(paths * copies):
                # A byte behind the end of a PNG makes another file of it.
                packed.writestr(f"{prefix}/{name}/{at}.png", path.read_bytes() + b"x" * at)
        packed.writestr(f"{prefix}/anna/bad.png", b"no image")
        packed.writestr("stray.png", b"in no folder")
        packed.writestr("__MACOSX/x/y.png", b"")
        packed.writestr(f"{prefix}/anna/.DS_Store", b"")
    return file.getvalue()
