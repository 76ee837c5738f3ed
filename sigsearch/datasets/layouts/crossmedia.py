"""Cross-media signatures: `<www>/<n>`; name = (n - 1) mod 10, medium = (n - 1) div 10.

Each of 100 hands wrote the same ten names on four media. The identity is (hand, name), written
`013/4`; other hands' versions of the name are impostors who know it (`Dataset.impostors`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from sigsearch.datasets.layouts.shape import Label, TreeLayout

_MEDIA = ("paper", "tablet", "phone in hand", "phone on table")
_NAMES = 10
_HANDS = 100
_NEARLY_ALL = 0.9  # of the folders, and of the files in each: a few are missing


def parse(path: PurePosixPath) -> Label | None:
    folder = path.parent.name
    if not (len(folder) == 3 and folder.isdecimal() and path.stem.isdecimal()):
        return None
    number = int(path.stem)
    if not 1 <= number <= _NAMES * len(_MEDIA):
        return None
    medium, name = divmod(number - 1, _NAMES)
    return Label(
        writer=f"{folder}/{name}",
        kind="genuine",
        number=medium + 1,
        group=_MEDIA[medium],
        hand=str(int(folder)),
        text=str(name),
        script="Chinese",
    )


def recognise(paths: Sequence[PurePosixPath]) -> bool:
    # Numbers in numbered folders could be anyone's; forty unpadded ones in each of a hundred
    # folders from 001 to 100 are this set.
    files = Counter(path.parent.name for path in paths if parse(path) and path.stem[0] != "0")
    enough = _NEARLY_ALL * _NAMES * len(_MEDIA)
    complete = sum(count >= enough for folder, count in files.items() if int(folder) <= _HANDS)
    return complete >= _NEARLY_ALL * max(_HANDS, len(files))


def fits(folder: PurePosixPath, label: Label) -> bool:
    return folder.name == label.writer.split("/")[0]


LAYOUT = TreeLayout("crossmedia", __doc__, parse, fits, recognise, title="crossmedia")
