"""GPDS (960, 300, synthetic): `c-<www>-<nn>` genuine, `cf-<www>-<nn>` forged, in any folder."""

from __future__ import annotations

from sigsearch.datasets.layouts.shape import TreeLayout, named

_NAME = r"(?P<kind>cf?)-(?P<writer>\d+)-(?P<number>\d+)"

LAYOUT = TreeLayout("gpds", __doc__, named(_NAME, "cf", "Latin"), title="gpds")
