"""One small exception tree. The edges map it to exit codes (cli) and status codes (server).

Every message says what was wrong, with which file, and what to do about it.
"""

from sigsearch.errors.base import *  # noqa: F403
from sigsearch.errors.data import *  # noqa: F403
from sigsearch.errors.image import *  # noqa: F403
from sigsearch.errors.index import *  # noqa: F403
from sigsearch.errors.service import *  # noqa: F403
