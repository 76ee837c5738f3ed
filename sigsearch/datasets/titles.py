"""What public datasets are called where people read."""

from __future__ import annotations

TITLES = {
    "cedar": "CEDAR",
    "bhsig260": "BHSig260",
    "bhsig260-bengali": "BHSig260 Bengali",
    "bhsig260-hindi": "BHSig260 Hindi",
    "svc2004": "SVC2004",
    "crossmedia": "Cross-media",
    "mcyt100": "MCYT-100",
    "utsig115": "UTSig",
    "persian210": "Persian",
    "susig-visual": "SUSIG",
    "sigcomp2009": "SigComp2009",
    "chisig": "ChiSig",
}
"""By the names of their folders, in the order of tables."""


def title_of(name: str) -> str:
    """The title of a dataset, or its name where it has none."""
    return TITLES.get(name, name)
