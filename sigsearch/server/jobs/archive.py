"""A ZIP of references, a folder for each writer, read one file at a time."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from sigsearch.errors import MediaRefused
from sigsearch.imaging.sources import MAX_BYTES
from sigsearch.server.uploads import Upload, label_of

_MOST_FILES = 200_000
_SKIPPED = ("__MACOSX/",)


class Archive:
    """Raises MediaRefused for what is no ZIP that can be read."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError) as fault:
            raise MediaRefused(f"the archive cannot be read as a ZIP file ({fault})") from None
        self._files = [one for one in self._zip.infolist() if _is_image(one)]
        if len(self._files) > _MOST_FILES:
            raise MediaRefused(f"the archive has more than {_MOST_FILES} files; split it")

    def __len__(self) -> int:
        return len(self._files)

    def images(self) -> Iterator[tuple[str, str, Upload | str]]:
        """The writer, the file's place in the archive, and the file or why it cannot be read."""
        for one in self._files:
            writer, _, _ = one.filename.rpartition("/")
            yield writer, one.filename, self._read(one) if writer else "it is not in a folder"

    def _read(self, one: zipfile.ZipInfo) -> Upload | str:
        if one.flag_bits & 1:
            return "it is protected by a password"
        try:
            with self._zip.open(one) as file:
                data = file.read(MAX_BYTES + 1)  # what the header says of its size may be untrue
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as fault:
            return f"it cannot be unpacked ({fault})"
        if len(data) > MAX_BYTES:
            return f"it is larger than {MAX_BYTES >> 20} MiB"
        return Upload(label_of(one.filename), data)

    def close(self) -> None:
        self._zip.close()


def _is_image(one: zipfile.ZipInfo) -> bool:
    hidden = one.filename.rpartition("/")[2].startswith(".")
    return not one.is_dir() and not hidden and not one.filename.startswith(_SKIPPED)
