"""CEDAR: `full_org/original_<writer>_<n>`, `full_forg/forgeries_<writer>_<n>`."""

from __future__ import annotations

from pathlib import PurePosixPath

from sigsearch.datasets.layouts.shape import Label, TreeLayout, named

_NAME = r"(?P<kind>original|forgeries)_(?P<writer>\d+)_(?P<number>\d+)"


def fits(folder: PurePosixPath, label: Label) -> bool:
    return folder.name == ("full_org" if label.kind == "genuine" else "full_forg")


LAYOUT = TreeLayout("cedar", __doc__, named(_NAME, "forgeries", "Latin"), fits, title="cedar")
