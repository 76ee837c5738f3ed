"""The other approach: a closed-set classifier that names one of the writers it was trained on.

Kept as a working baseline. It must be trained anew for each new writer and has no way of saying
"unknown"; `sigsearch.comparing` measures what that costs. Runs by ONNX Runtime, without torch.
"""

from sigsearch.classifying.card import KIND, ClassifierCard
from sigsearch.classifying.classifier import Classifier
from sigsearch.classifying.results import Classification, Likely, WriterCheck

__all__ = ["KIND", "Classification", "Classifier", "ClassifierCard", "Likely", "WriterCheck"]
