"""MCYT-75: `<wwww>v<nn>` genuine, `<wwww>f<nn>` forged, in any folder."""

from __future__ import annotations

from sigsearch.datasets.layouts.shape import TreeLayout, named

_NAME = r"(?P<writer>\d{4})(?P<kind>[vf])(?P<number>\d{2})"

LAYOUT = TreeLayout("mcyt", __doc__, named(_NAME, "f", "Latin"), title="mcyt75")
