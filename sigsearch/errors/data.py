"""What is worked with besides images: models, calibrations, datasets, storage, a cluster."""

from __future__ import annotations

from sigsearch.errors.base import SigsearchError


class EncoderError(SigsearchError):
    """The model's files are missing, altered or of another kind."""

    code = "encoder"


class ClassifierError(SigsearchError):
    """A classifier's folder is missing or of another kind, or it cannot answer this question."""

    code = "classifier"


class CalibrationError(SigsearchError):
    """There is no calibration for this encoder, or too little data for the rates you asked for."""

    code = "calibration"


class DatasetError(SigsearchError):
    """A folder, manifest or protocol does not hold what is needed."""

    code = "dataset"


class StorageFault(SigsearchError):
    """A folder or object storage cannot be read or written, or holds other work. Nothing that was
    finished before is lost."""

    code = "storage"


class ClusterUnfit(SigsearchError):
    """A Ray cluster cannot do the work: none can be reached, it has no free CPU, or a node does not
    see the files."""

    code = "cluster"
