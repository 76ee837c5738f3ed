"""A folder -> the images in it, and what was left out and why."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from sigsearch.datasets.samples import LeftOut

IMAGE_SUFFIXES = frozenset(
    (
        *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".bmp", ".dib", ".gif"),
        *(".webp", ".pbm", ".pgm", ".ppm", ".pnm", ".jp2", ".j2k", ".avif", ".tga", ".pcx"),
        *(".pdf", ".heic", ".heif", ".hif", ".svg"),
    )
)
_OTHER_IMAGES = frozenset(
    (
        *(".psd", ".xcf", ".eps", ".jxl", ".jxr", ".dng"),
        *(".cr2", ".cr3", ".nef", ".arw", ".orf", ".raf", ".rw2", ".djvu"),
    )
)
# What storage devices and systems put into everybody's folders.
_SYSTEM_FOLDERS = frozenset(
    (
        *("@eadir", "@recycle", "@recently-snapshot", "@tmp", "@sharebin", "#recycle"),
        *("#snapshot", "$recycle.bin", "recycler", "system volume information", "lost+found"),
        *("__macosx", "__pycache__"),
    )
)
_SYSTEM_FILES = frozenset(("thumbs.db", "ehthumbs.db", "desktop.ini"))


def list_images(root: Path) -> tuple[list[Path], list[LeftOut]]:
    """All images at and below `root`, folder by folder. Links are followed, each folder is read
    once, and by its own name where it has one below `root`."""
    images: list[Path] = []
    left_out: list[LeftOut] = []
    for entry in _walk(root, left_out):
        reason = _unfit(entry)
        if reason is None:
            images.append(Path(entry.path))
        elif reason:
            failed = reason != _NO_IMAGE
            left_out.append(LeftOut(Path(entry.path), reason, failed=failed))
    return sorted(images, key=lambda path: path.parts), left_out


def some_suffixes() -> str:
    """For messages."""
    return ", ".join(sorted(IMAGE_SUFFIXES)[:6]) + " and others"


def _walk(root: Path, left_out: list[LeftOut]) -> Iterator[os.DirEntry[str]]:
    """The files; folders that are reached by links come last."""
    seen: set[str] = set()
    top = os.path.realpath(root)
    waiting: list[str] = [str(root)]
    links: list[str] = []
    while waiting or links:
        folder = waiting.pop() if waiting else links.pop(0)
        real = os.path.realpath(folder)
        if why := _led_back(real, folder, top, seen):
            left_out.append(LeftOut(Path(folder), why))
            continue
        seen.add(real)
        for entry in _entries(folder, left_out):
            if not _is_folder(entry):
                yield entry
            elif entry.name.startswith(".") or entry.name.lower() in _SYSTEM_FOLDERS:
                left_out.append(LeftOut(Path(entry.path), "a hidden folder, or the system's own"))
            else:
                (links if entry.is_symlink() else waiting).append(entry.path)


def _led_back(real: str, folder: str, top: str, seen: set[str]) -> str:
    """Why a folder, really at `real`, is not gone into; empty if it is."""
    if real in seen:
        return "a link to a folder that was read already"
    around = os.path.realpath(os.path.dirname(folder))
    if real != top and any(os.path.commonpath((real, below)) == real for below in (top, around)):
        return "a link that leads back up"
    return ""


def _entries(folder: str, left_out: list[LeftOut]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError as fault:
        why = f"a folder that cannot be read: {fault.strerror}"
        left_out.append(LeftOut(Path(folder), why, failed=True))
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


_NO_IMAGE = "not an image"


def _unfit(entry: os.DirEntry[str]) -> str | None:
    """Why a file is no image that can be read; empty for what is not worth a word, None for an
    image."""
    if entry.name.startswith(".") or entry.name.lower() in _SYSTEM_FILES:
        return ""
    suffix = os.path.splitext(entry.name)[1].lower()
    if suffix in _OTHER_IMAGES:
        return f"images of this kind are not read: {suffix}"
    if suffix not in IMAGE_SUFFIXES:
        return _NO_IMAGE
    try:
        found = entry.stat()
    except FileNotFoundError:
        return "a broken link"
    except OSError as fault:
        return f"cannot be read: {fault.strerror}"
    if not stat.S_ISREG(found.st_mode):
        return "not a file but a pipe or a device"
    return None if found.st_size else "an empty file"
