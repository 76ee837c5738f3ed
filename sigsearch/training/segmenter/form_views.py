"""Signed forms as the segmentation sees them, beside the truth about their ink."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sigsearch.datasets import Sample
from sigsearch.errors import ImageError
from sigsearch.imaging.canvas import grown
from sigsearch.imaging.ink import Ink, cropped, find_ink, ink_box, stroke_width
from sigsearch.imaging.load import Page, load_page
from sigsearch.imaging.rules import drop_rules
from sigsearch.imaging.signature import normalise
from sigsearch.imaging.view import on_view, view_of
from sigsearch.synthesis import Writer, forgery, writer_seed
from sigsearch.training.segmenter.form_ink import another_hand, side_by_side
from sigsearch.training.segmenter.forms import sign_form

Views = NDArray[np.uint8]
"""(n, 3, *VIEW_SHAPE): what the network sees, and how much of each place the signature inks."""
Job = TypeVar("Job")
Watch = Callable[[Iterable["Views | None"]], Iterable["Views | None"]]

_UNSIGNED = 0.03  # of the forms
_AS_THEY_ARE = 0.4  # of the real images: nothing is drawn around them
_SEVERAL = 0.25  # of the invented signatures: small writing, put together from a writer's specimens
_ANOTHER = 0.5  # of the signatures on forms: in a hand that nobody has
_FINE = 4.0  # pixels: a stroke's width
_LEAST_FOUND = 0.6  # of the signature: fainter ones teach nothing


def invented_views(count: int, seed: int, workers: int = 1, watch: Watch = iter) -> Views:
    """Of `count` forms, each signed by another invented writer or forger, a third of them in Latin
    script and the others in any."""
    return _gather(_invented, [(seed, number) for number in range(count)], workers, watch)


def real_views(
    samples: Sequence[Sample], count: int, seed: int, workers: int = 1, watch: Watch = iter
) -> Views:
    """Of `count` real signatures of `samples`, drawn anew when there are fewer, some on their own
    page as it was cleaned without a segmentation, the others on forms."""
    rows = np.random.default_rng(seed).permutation(len(samples))
    jobs = [(samples[rows[at % len(rows)]], seed, at) for at in range(count)]
    return _gather(_real, jobs, workers, watch)


def _gather(
    work: Callable[[Job], Views | None], jobs: Sequence[Job], workers: int, watch: Watch
) -> Views:
    with ProcessPoolExecutor(workers) as pool:
        made = list(watch(pool.map(work, jobs, chunksize=16)))
    return np.stack([view for view in made if view is not None])


def _invented(job: tuple[int, int]) -> Views | None:
    seed, number = job
    rng = np.random.default_rng((71, seed, number))
    writer = Writer.from_seed(writer_seed(seed, number), "latin" if number % 3 == 0 else None)
    specimen = writer.specimen(0) if rng.random() < 0.7 else forgery(writer, 0)
    ink = cropped(specimen.mask)
    if rng.random() < _SEVERAL:
        others = (writer.specimen(n) for n in range(1, int(rng.integers(2, 4))))
        ink = side_by_side([ink, *(cropped(other.mask) for other in others)], rng)
    return _on_form(ink, rng)


def _real(job: tuple[Sample, int, int]) -> Views | None:
    sample, seed, number = job
    rng = np.random.default_rng((72, seed, number))
    try:
        page = load_page(sample.source)
        found = find_ink(page)
        signature = normalise(page, found, found)
    except ImageError:
        return None
    if rng.random() >= _AS_THEY_ARE:
        return _on_form(signature.ink, rng)
    return _labelled(page, drop_rules(found), signature.on_page())


def _on_form(ink: Ink, rng: np.random.Generator) -> Views | None:
    if rng.random() < _ANOTHER:
        ink = another_hand(ink, rng)
    form = sign_form(ink, rng, signed=rng.random() >= _UNSIGNED)
    try:
        page = load_page(form.grey)
        found = drop_rules(find_ink(page))
    except ImageError:
        return None
    if not found.any():
        return None
    missed = np.count_nonzero(form.mask & ~found)
    if missed > (1 - _LEAST_FOUND) * np.count_nonzero(form.mask):
        return None
    return _labelled(page, found, form.mask)


def _labelled(page: Page, found: Ink, mask: Ink) -> Views:
    box = left, top, right, bottom = ink_box(found)
    # Ink that was blurred is found a little broader than it was put down.
    edge = 1 if stroke_width(mask) < _FINE else 2
    own = (found & grown(mask, edge))[top:bottom, left:right]
    return np.concatenate([view_of(page, found, box), on_view(own)[None]])
