"""What the sets are that the encoder learns from, in the words of the model card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

INVENTED = "synthetic"
TRAINING = "training writers of unseen-writers-2"
VALIDATION = "validation writers of unseen-writers-2"
FORGED = "training and validation writers of unseen-writers-2 who were imitated"

SETS = {
    "cedar": ("CEDAR", "1-35", "Kalera, Srihari, Xu 2004"),
    "bhsig260-bengali": ("BHSig260 Bengali", "1-44", "Pal, Alaei, Pal, Blumenstein 2016"),
    "bhsig260-hindi": ("BHSig260 Hindi", "1-90", "Pal, Alaei, Pal, Blumenstein 2016"),
    "svc2004": ("SVC2004", "1-24", "Yeung et al. 2004"),
    "crossmedia": (
        "Cross-media signatures",
        "1-72, ten names each",
        "Luo et al. 2023, doi 10.1002/aisy.202300439",
    ),
    INVENTED: ("invented writers", "", "sigsearch.synthesis"),
    "mcyt100": ("MCYT-100", TRAINING, "Ortega-Garcia et al. 2003"),
    "susig-visual": ("SUSIG, visual", TRAINING, "Kholmatov and Yanikoglu 2009"),
    "susig-blind": ("SUSIG, blind", TRAINING, "Kholmatov and Yanikoglu 2009"),
    "persian210": ("210 Persian writers", TRAINING, "pen data, source not stated"),
    "sigcomp2009": ("SigComp2009", TRAINING, "Blankers et al. 2009"),
    "sigcomp2009-pen": ("SigComp2009, pen data", TRAINING, "Blankers et al. 2009"),
    "svc2004-task2": ("SVC2004, second task", TRAINING, "Yeung et al. 2004"),
    "japanese11": ("SigWiComp2013, Japanese", TRAINING, "Malik et al. 2013"),
    "utsig115": ("UTSig", TRAINING, "Soleimani, Fouladi, Araabi 2017"),
    "chisig": ("ChiSig", TRAINING, "Yan et al. 2022, non-commercial"),
    "rows182": ("class lists", TRAINING, "source not stated"),
    "finger": ("drawn with a finger", TRAINING, "source not stated"),
}
"""Title, writers and source of each packed set; invented writers are as many as were packed."""

SHIPPED = {
    "cedar": 35,
    "bhsig260-bengali": 44,
    "bhsig260-hindi": 90,
    "svc2004": 24,
    "crossmedia": 720,
    INVENTED: 18_000,
}
"""What the weights that ship learned from: writers of each set."""

SEGMENTATION = {
    "name": "invented forms and the sets that the segmentation of ink learned from",
    "writers": "training writers of CEDAR, BHSig260, SVC2004 and Cross-media; for its cheap look "
    "also of rows182, singles955, UTSig and ChiSig, stamped signatures and Tobacco-800",
    "cite": "as in sigsearch/imaging/segmenter.json and triage.json",
    "part": "segmentation",
}

TERMS = (
    "The sets that are not invented are research data: people gave or released these signatures "
    "for research. Some releases, such as ChiSig's, exclude commercial use, and for some the terms "
    "are not known. No image is in the package. Whether weights that were learned from such data "
    "may be used commercially is not settled and differs between countries. Whoever sells a "
    "service with this encoder should have that looked at, or train without these sets."
)

RETRAINING = [
    "Without some sets: scripts/encoder/train.py --without SET ..., then export.py, then "
    "calibrate.py --unseen with the sets that may stay.",
    "Without any: scripts/encoder/pack_synthetic.py, train.py --only-extra --extra FILE, export.py "
    "--out FOLDER, then `sigsearch calibrate YOUR_SIGNATURES --encoder FOLDER`. The segmentation: "
    "scripts/segmenter/train.py --only-invented. Such an encoder errs more (see "
    "docs/research/2026-11-28-synthesis.md).",
]


def learned_by_network(writers: Mapping[str, int]) -> list[dict[str, str]]:
    """The card's entries for what a network learned from; `writers`: how many of each set."""
    return [
        _entry(name, SETS[name][1] or f"{count:,}", "network") for name, count in writers.items()
    ]


def learned_by_head(known: Iterable[str], unseen: Iterable[str]) -> list[dict[str, str]]:
    """The card's entries for what the head learned from, of sets that the network was trained on
    and of others. Raises KeyError for a set that is not in SETS."""
    entries = [_entry(name, VALIDATION, "head") for name in known]
    return entries + [_entry(name, FORGED, "head") for name in unseen]


def _entry(name: str, writers: str, part: str) -> dict[str, str]:
    title, _, cite = SETS[name]
    return {"name": title, "writers": writers, "cite": cite, "part": part}
