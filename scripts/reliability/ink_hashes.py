"""Note what every image of some folders becomes, and compare two such notes: what a change of the
imaging does to clean scans.

    python scripts/reliability/ink_hashes.py note before.json DATA/cedar DATA/svc2004
    python scripts/reliability/ink_hashes.py compare before.json after.json
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from pathlib import Path

from sigsearch.datasets.files import IMAGE_SUFFIXES
from sigsearch.errors import ImageError
from sigsearch.imaging import read_signature


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    noting = verbs.add_parser("note")
    noting.add_argument("out", type=Path)
    noting.add_argument("folders", type=Path, nargs="+")
    noting.add_argument("--every", type=int, default=1, help="of the files, for a quick look")
    comparing = verbs.add_parser("compare")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    given = parser.parse_args()
    if given.verb == "note":
        given.out.write_text(json.dumps(note(given.folders, given.every)))
    else:
        compare(json.loads(given.before.read_text()), json.loads(given.after.read_text()))


def note(folders: list[Path], every: int) -> dict[str, list[str]]:
    """File -> the hash of its ink and canvas, or the error's code; then its warnings."""
    files = [f for folder in folders for f in sorted(folder.rglob("*")) if f.is_file()]
    images = [f for f in files if f.suffix.lower() in IMAGE_SUFFIXES]
    return {str(f): look(f) for f in images[::every]}


def look(file: Path) -> list[str]:
    try:
        signature = read_signature(file)
    except ImageError as fault:
        return [fault.code]
    digest = hashlib.sha256(signature.canvas)
    digest.update(signature.ink)
    digest.update(repr((signature.ink.shape, signature.box, signature.content_hash)).encode())
    return [digest.hexdigest(), *signature.warnings]


def compare(before: dict[str, list[str]], after: dict[str, list[str]]) -> None:
    files = before.keys() & after.keys()
    print(f"{len(files)} files in both notes")
    changed = sorted(f for f in files if before[f][0] != after[f][0])
    print(f"{len(changed)} with other ink or another answer")
    for file in changed:
        print(f"  {file}: {before[file][0][:12]} -> {after[file][0][:12]} {after[file][1:]}")
    for sign, one, other in (("-", before, after), ("+", after, before)):
        moved = Counter(w for f in files for w in set(one[f][1:]) - set(other[f][1:]))
        for warning, n in moved.most_common():
            print(f"{sign}{n} {warning}")


if __name__ == "__main__":
    main()
