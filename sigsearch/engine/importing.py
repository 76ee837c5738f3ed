"""Exported references in an index of their own, looked at as an encoder's readings beforehand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sigsearch.encoder import ModelCard
from sigsearch.engine.index_judge import CALIBRATION_SETTING
from sigsearch.engine.template import check_template
from sigsearch.errors import CalibrationError, ReferenceRefused
from sigsearch.index.care.transfer import identity_in, settings_in
from sigsearch.index.index import Index
from sigsearch.index.records import Reference
from sigsearch.matching.calibration import CalibrationSet


def take_in(
    index: Index, file: Path, card: ModelCard | None = None, with_calibration: bool = False
) -> int:
    """Enrol what `index export` wrote; how many references were new.

    With the `card` of the encoder that made them, the local readings are looked at, too. The
    calibration in the file decides about writers, so it comes along only on request.

    Raises:
        IndexFault: the file, or a row of it, is not sound. CalibrationError: it holds no
        calibration, or none that can be used. EncoderMismatch. Nothing was stored.
    """
    settings = {CALIBRATION_SETTING: calibration_in(file)} if with_calibration else {}

    def check(reference: Reference) -> None:
        if not reference.local:
            raise ReferenceRefused("there are no tokens")
        if card is not None:
            check_template(reference, card)

    return index.take_in(file, check, settings)


def calibration_in(file: Path) -> dict[str, Any]:
    """The calibration in an exported file. Raises CalibrationError where it is of no use."""
    document = settings_in(file).get(CALIBRATION_SETTING)
    if document is None:
        raise CalibrationError(f"{file} holds no calibration; import it without one")
    try:
        found = CalibrationSet.from_dict(document)
    except CalibrationError as fault:
        raise CalibrationError(f"{file}: {fault}") from None
    made_by = identity_in(file).id
    if found.encoder != made_by:
        raise CalibrationError(
            f"{file}: its calibration was fitted for {found.encoder!r}, its references were made "
            f"by {made_by!r}; import it without the calibration"
        )
    return found.to_dict()
