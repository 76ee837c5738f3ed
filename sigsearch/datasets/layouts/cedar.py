"""CEDAR: `full_org/original_<writer>_<n>`, `full_forg/forgeries_<writer>_<n>`."""

from __future__ import annotations

from sigsearch.datasets.layouts.shape import TreeLayout, named

_NAME = r"(?P<kind>original|forgeries)_(?P<writer>\d+)_(?P<number>\d+)"

LAYOUT = TreeLayout("cedar", __doc__, named(_NAME, "forgeries", "Latin"), title="cedar")
