"""Where the weights of sigsearch's encoder lie."""

from pathlib import Path

FOLDER = Path(__file__).parent
