"""Rank-1 through the installed commands: enrol 8 references a writer, ask with all the others.

python scripts/measure_first_path.py DATA/cedar --writers 41-55
python scripts/measure_first_path.py DATA/bhsig260/Hindi --writers 101-160
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from sigsearch import SignatureIndex, SigsearchError
from sigsearch.datasets import drop_copies, read_dataset
from sigsearch.enrolment import Specimen


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--writers", required=True, help="first-last")
    parser.add_argument("--references", type=int, default=8)
    given = parser.parse_args()
    first, last = map(int, given.writers.split("-"))
    dataset = drop_copies(read_dataset(given.data))
    chosen = [w for w in dataset.writers if first <= int(w) <= last]
    enrolled, asked = [], []
    for writer in chosen:
        samples = dataset.genuine(writer)
        enrolled += [Specimen(writer, s.source) for s in samples[: given.references]]
        asked += [(writer, s.source) for s in samples[given.references :]]
    with (
        tempfile.TemporaryDirectory() as folder,
        SignatureIndex.create(Path(folder) / "index") as index,
    ):
        report = index.enrol_all(enrolled)
        answers = list(index.identify_many(source for _, source in asked))
    read = [
        (writer, answer)
        for (writer, _), answer in zip(asked, answers, strict=True)
        if not isinstance(answer, SigsearchError)
    ]
    right = sum(a.candidates[0].writer == writer for writer, a in read)
    named = sum(a.writer == writer for writer, a in read)
    wrong = sum(a.writer not in (writer, None) for writer, a in read)
    wrote = f"{dataset.name}: {len(chosen)} writers, {report.enrolled} references"
    print(
        f"{wrote}, {len(read)} queries: rank-1 {right / len(read):.2%}; "
        f"identified rightly {named / len(read):.2%}, wrongly {wrong / len(read):.2%}, "
        f"unknown {1 - (named + wrong) / len(read):.2%}"
    )


if __name__ == "__main__":
    main()
