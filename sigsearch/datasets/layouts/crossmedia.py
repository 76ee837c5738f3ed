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
_NEARLY_ALL = 36  # of the 40 files a folder; a few are missing in the published set


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
    # Numbers in numbered folders could be anyone's; forty unpadded ones in each are this set.
    files = Counter(path.parent for path in paths if parse(path) and path.stem[0] != "0")
    complete = sum(count >= _NEARLY_ALL for count in files.values())
    return len(files) > 1 and complete >= 0.9 * len(files)


LAYOUT = TreeLayout("crossmedia", __doc__, parse, recognise, title="crossmedia")
