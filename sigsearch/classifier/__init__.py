"""The other approach: a closed-set classifier that names one of the writers it was trained on.

Kept as a working baseline. It must be trained anew for each new writer and has no way of saying
"unknown"; `sigsearch.comparison` measures what that costs. Runs by ONNX Runtime, without torch.
"""

from sigsearch.classifier.answers import Classification, Likely, WriterCheck
from sigsearch.classifier.card import KIND, ClassifierCard
from sigsearch.classifier.model import Classifier

__all__ = ["KIND", "Classification", "Classifier", "ClassifierCard", "Likely", "WriterCheck"]
