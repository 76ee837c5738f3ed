"""Which layout a tree of images has: a known one where that is sure, else a folder per writer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from sigsearch.datasets.layouts import TREES
from sigsearch.datasets.layouts.folders import Tree
from sigsearch.datasets.layouts.shape import Label, TreeLayout

_SURE = 0.9  # of the images: more than these a known layout must explain


def recognise(paths: Sequence[PurePosixPath]) -> TreeLayout:
    """The first layout that is sure."""
    tree = Tree(paths)
    return next(
        (known for known in TREES.values() if known.title and is_sure(known, paths, tree)),
        TREES["folders"],
    )


def is_sure(layout: TreeLayout, paths: Sequence[PurePosixPath], tree: Tree) -> bool:
    """Whether these can only be the layout's files: its own names, more than nine in ten, in its
    own folders, and no two people's folders joined."""
    if not layout.recognise(paths):
        return False
    labels = [(path.parent, label) for path in paths if (label := layout.parse(path))]
    if len(labels) <= _SURE * len(paths):
        return False
    folders: dict[tuple[str, str], tuple[str, ...]] = {}
    for folder, label in labels:
        if not _is_own(layout, folder, label):
            return False
        names, _ = tree.names(folder)
        if folders.setdefault((label.part, label.writer), names) != names:
            return False
    return True


def _is_own(layout: TreeLayout, folder: PurePosixPath, label: Label) -> bool:
    """Files may also lie all in one folder, that given or one that is called after the set."""
    called = folder.name.lower()
    return not called or called.startswith(layout.name) or layout.fits(folder, label)
