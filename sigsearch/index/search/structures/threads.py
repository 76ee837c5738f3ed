"""FAISS by one thread, where steps are so small that threads would wait for each other."""

from __future__ import annotations

from typing import Any


class one_thread:  # noqa: N801 - used as a function; a generator would take three times as long
    """FAISS uses no more meanwhile, called by this thread."""

    def __enter__(self) -> None:
        import faiss

        self._threads = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1)

    def __exit__(self, *_: Any) -> None:
        import faiss

        faiss.omp_set_num_threads(self._threads)
