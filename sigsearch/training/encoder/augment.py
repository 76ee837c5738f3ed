"""Capture augmentation: what another pen, scanner, hurry or posture does to one and the same
signature. Each image of a batch is changed by itself, as genuine and forged are, so that nothing
but the handwriting is left to tell them apart.

Writers are too few, so each is first made into another one: all images of a slot, genuine and
imitations alike, are mirrored, slanted and bent by one and the same map (`_Persona`). What tells
the imitations from the genuine ones survives it; the shapes by heart do not help."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from sigsearch.imaging import CANVAS_SHAPE

_ELASTIC_GRID = (5, 9)
_CUT = 0.15  # of the images
_DEEPEST_CUT = 0.1  # of the width or the height of the ink
_TILTED = 0.15  # of the images
_MOST_TILT = 20.0  # degrees
_ROOM = 0.98  # of the canvas for what was turned
GROUPS = ("persona", "strokes", "cut", "tilt", "warp", "gaps", "rules", "tone")
"""What augmentation consists of: another writer, the pen's width, a page cut into the signature, a
page laid askew, posture, a dry pen, printed rules, and the scanner."""


def augment(
    packed: Tensor,
    generator: torch.Generator,
    slot: Tensor | None = None,
    groups: Collection[str] = GROUPS,
    canvas: tuple[int, int] = CANVAS_SHAPE,
    posture: float = 1.0,
) -> Tensor:
    """Packed images (n, height, width), 1 = ink -> canvases (n, 1, *canvas) float in 0..1.

    `slot`, int64 (n,), numbers the writer that each claims to be by, and makes other writers of
    them; without it writers stay who they are. Of `groups` some may be left out, to see what they
    are worth. `posture` is how far each image is swayed, 1 = as far as usual.
    """
    images = _vary_strokes(packed, generator) if "strokes" in groups else packed[:, None].float()
    places = _places(len(images), canvas, slot, generator, groups, posture)
    if "cut" in groups:
        images, places = _cut(images, places, generator)
    if "tilt" in groups:
        places = _tilt(images, places, generator)
    images = F.grid_sample(images, places, mode="bilinear", align_corners=False)
    if "gaps" in groups:
        images = _break_strokes(images, generator)
    if "rules" in groups:
        images = _rule_lines(images, generator)
    return _vary_tone(images, generator) if "tone" in groups else images


def shrink(packed: Tensor, canvas: tuple[int, int] = CANVAS_SHAPE) -> Tensor:
    """The same without augmentation."""
    return F.interpolate(packed[:, None].float(), canvas, mode="area")


def _uniform(n: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    return torch.empty(n).uniform_(low, high, generator=generator)


def _vary_strokes(packed: Tensor, generator: torch.Generator) -> Tensor:
    """Thicker or thinner by up to three canvas pixels, each image by its own amount: (n, 1, height,
    width)."""
    chance = torch.rand(len(packed), generator=generator)
    thin, thick, felt = chance < 0.2, (chance >= 0.4) & (chance < 0.65), chance >= 0.85
    ink = packed.clone()
    ink[thin] = 1 - _thicken(1 - packed[thin])
    ink[thick] = _thicken(packed[thick])
    ink[felt] = _thicken(_thicken(packed[felt]))
    images = ink[:, None].float()
    # A hairline would vanish if thinned: keep half of it.
    images[thin] = torch.maximum(images[thin], 0.5 * packed[thin][:, None])
    return images


def _thicken(ink: Tensor) -> Tensor:
    """Dilation of (n, height, width) by 3 x 3, by shifts: bytes, so far quicker than pooling."""
    tall = ink.clone()
    tall[:, 1:] |= ink[:, :-1]
    tall[:, :-1] |= ink[:, 1:]
    wide = tall.clone()
    wide[:, :, 1:] |= tall[:, :, :-1]
    wide[:, :, :-1] |= tall[:, :, 1:]
    return wide


def _places(
    n: int,
    canvas: tuple[int, int],
    slot: Tensor | None,
    generator: torch.Generator,
    groups: Collection[str],
    posture: float,
) -> Tensor:
    """Where each point of a canvas is looked up, (n, height, width, 2) in -1..1: the posture of
    each image and the persona of each slot, in one resampling."""
    height, width = canvas
    if "warp" in groups:
        grid = _posture(n, height, width, generator, posture)
    else:
        grid = F.affine_grid(torch.eye(2, 3).expand(n, -1, -1), [n, 1, height, width], False)
    if slot is not None and "persona" in groups:
        grid = _persona(grid, slot, width / height, generator)
    return grid


def _cut(images: Tensor, places: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Some images lose up to a tenth of their ink's box on some sides; what is left is set on the
    canvas as imaging would set it: in the middle, as large as fits."""
    images, places = images.clone(), places.clone()
    height, width = images.shape[2:]
    for row in (torch.rand(len(images), generator=generator) < _CUT).nonzero()[:, 0].tolist():
        share = torch.rand(4, generator=generator) * _DEEPEST_CUT
        share = share * (torch.rand(4, generator=generator) < 0.5)
        left, right = _span(images[row, 0].amax(0), share[:2])
        top, bottom = _span(images[row, 0].amax(1), share[2:])
        if right - left < 2 or bottom - top < 2:
            continue
        kept = images[row, :, top:bottom, left:right].clone()
        images[row] = 0
        images[row, :, top:bottom, left:right] = kept
        zoom = min(width / (right - left), height / (bottom - top))
        middle = torch.tensor([(left + right) / width - 1, (top + bottom) / height - 1])
        places[row] = places[row] / zoom + middle
    return images, places


def _tilt(images: Tensor, places: Tensor, generator: torch.Generator) -> Tensor:
    """Some images turned by up to _MOST_TILT degrees about the middle of their ink, and set on the
    canvas as imaging would set them: in the middle, as large as fits."""
    places = places.clone()
    height, width = images.shape[2:]
    tilted = (torch.rand(len(images), generator=generator) < _TILTED).nonzero()[:, 0]
    angles = _uniform(len(tilted), -_MOST_TILT, _MOST_TILT, generator).deg2rad()
    for row, angle in zip(tilted.tolist(), angles, strict=True):
        left, right = _span(images[row, 0].amax(0), torch.zeros(2))
        top, bottom = _span(images[row, 0].amax(1), torch.zeros(2))
        wide, tall = max(right - left, 1), max(bottom - top, 1)
        cos, sin = angle.cos(), angle.sin()
        across, along = wide * cos + tall * sin.abs(), wide * sin.abs() + tall * cos
        zoom = _ROOM * torch.minimum(width / across, height / along)
        turn = torch.stack(
            [torch.stack([cos, -sin * height / width]), torch.stack([sin * width / height, cos])]
        )
        middle = torch.tensor([(left + right) / width - 1, (top + bottom) / height - 1])
        places[row] = places[row] @ (turn / zoom).T + middle
    return places


def _span(ink: Tensor, share: Tensor) -> tuple[int, int]:
    """From the first to the last place with ink, less a share at either end; (0, 0) of none."""
    inked = ink.nonzero()[:, 0]
    if not len(inked):
        return 0, 0
    first, last = int(inked[0]), int(inked[-1]) + 1
    before, after = (share * (last - first)).int().tolist()
    return first + before, last - after


def _posture(
    n: int, height: int, width: int, generator: torch.Generator, strength: float
) -> Tensor:
    """Rotation, scale, slant, shift and a gentle elastic bend, `strength` times as far as usual:
    sampling points (n, height, width, 2) in -1..1."""
    aspect = width / height
    angle = torch.randn(n, generator=generator) * 0.06 * strength
    slant = torch.randn(n, generator=generator) * 0.07 * strength
    wide = 1.05 + strength * _uniform(n, -0.11, 0.11, generator)
    wide = wide * (1 + 0.04 * strength * torch.randn(n, generator=generator))
    tall = 1.05 + strength * _uniform(n, -0.11, 0.11, generator)
    shift = torch.randn(n, 2, generator=generator) * torch.tensor([0.025, 0.05]) * strength
    cos, sin = angle.cos(), angle.sin()
    # Normalised coordinates are stretched by the aspect, so rotation has to undo and redo that.
    theta = torch.stack(
        [
            torch.stack([cos * wide, (-sin / aspect + slant / aspect) * wide, shift[:, 0]], 1),
            torch.stack([sin * aspect * tall, cos * tall, shift[:, 1]], 1),
        ],
        1,
    )
    grid = F.affine_grid(theta, [n, 1, height, width], align_corners=False)
    knots = torch.randn(n, 2, *_ELASTIC_GRID, generator=generator)
    down, across = (_spread(*ends) for ends in zip(_ELASTIC_GRID, (height, width), strict=True))
    bend = down @ knots @ across.T
    most = torch.tensor([2.5 / width, 2.0 / height]) * strength
    bent = most * _uniform(n, 0, 1.4, generator)[:, None]
    return grid + (bend * bent[:, :, None, None]).permute(0, 2, 3, 1)


@cache
def _spread(knots: int, places: int) -> Tensor:
    """(places, knots): what each of the knots counts at each place, bicubic. Two products with it
    take a fiftieth of the time of `interpolate`."""
    each = torch.eye(knots)[None, None]
    return F.interpolate(each, (places, knots), mode="bicubic", align_corners=True)[0, 0]


def _persona(grid: Tensor, slot: Tensor, aspect: float, generator: torch.Generator) -> Tensor:
    """Sampling points (n, height, width, 2) -> where the writer of each slot is sampled instead:
    mirrored, slanted, stretched, and bent by long waves, one map a slot."""
    count = int(slot.max()) + 1
    mirror = 1 - 2 * (torch.rand(count, 2, generator=generator) < 0.25).float()
    slant = torch.randn(count, generator=generator) * 0.2 / aspect
    tilt = torch.randn(count, generator=generator) * 0.06 * aspect
    stretch = 1 + torch.rand(count, 2, generator=generator) * 0.35
    linear = torch.stack(
        [
            torch.stack([stretch[:, 0], slant], 1),
            torch.stack([tilt, stretch[:, 1]], 1),
        ],
        1,
    )
    linear = linear * mirror[:, :, None]
    waves = torch.randn(count, 2, 2, generator=generator) * 1.8  # (slot, wave, axis): radians
    phase = torch.rand(count, 2, generator=generator) * 2 * torch.pi
    height = torch.randn(count, 2, 2, generator=generator) * torch.tensor([0.035, 0.06])
    points = grid @ linear.transpose(1, 2)[slot][:, None]
    angles = grid @ waves.transpose(1, 2)[slot][:, None] + phase[slot][:, None, None]
    return points + angles.sin() @ height[slot][:, None]


def _break_strokes(images: Tensor, generator: torch.Generator) -> Tensor:
    """A dry pen or a harsh threshold: small gaps in a third of the images."""
    n, _, height, width = images.shape
    rate = _uniform(n, -0.06, 0.03, generator).clamp(min=0)[:, None, None, None]
    gaps = torch.rand(n, 1, height // 4, width // 4, generator=generator) < rate
    return images * (1 - F.interpolate(gaps.float(), (height, width)))


def _rule_lines(images: Tensor, generator: torch.Generator) -> Tensor:
    """A printed rule that the cleaning left, in one image of twelve."""
    rows = (torch.rand(len(images), generator=generator) < 0.08).nonzero()[:, 0].tolist()
    for row in rows:
        low, high = images.shape[2] // 2, images.shape[2] - 2
        top = int(torch.randint(low, high, (1,), generator=generator))
        images[row, :, top : top + 1] = images[row, :, top : top + 1].clamp(min=0.8)
    return images


def _vary_tone(images: Tensor, generator: torch.Generator) -> Tensor:
    """Edge softness, ink strength and a little noise."""
    n = len(images)
    soft = (torch.rand(n, generator=generator) < 0.25).nonzero()[:, 0]
    if len(soft):
        images[soft] = F.avg_pool2d(images[soft], 3, 1, 1) * 1.5
    gamma = _uniform(n, 0.6, 1.5, generator)[:, None, None, None]
    return images.clamp(1e-4, 1).pow(gamma)
