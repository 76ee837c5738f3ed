"""Other search engines behind one door, for scripts/benchmarks/search.py.

A peer builds from an (n, d) array of unit vectors and returns row numbers. `effort` is the one
number that each offers to trade speed for recall; the benchmark raises it until the peer agrees
with exact search as often as asked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from sigsearch.arrays import Ids, Singles

_CHUNK = 100_000
GRAPH_EFFORTS = (16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)


class Peer(Protocol):
    efforts: tuple[int, ...]

    def build(self, vectors: Singles, folder: Path) -> None: ...

    def search(self, asked: Singles, count: int, effort: int) -> Ids: ...


class FaissFlat:
    efforts = (1,)

    def build(self, vectors: Singles, folder: Path) -> None:
        import faiss

        self._index = faiss.IndexFlatIP(vectors.shape[1])
        for start in range(0, len(vectors), _CHUNK):
            self._index.add(np.ascontiguousarray(vectors[start : start + _CHUNK]))
        faiss.write_index(self._index, str(folder / "flat"))

    def search(self, asked: Singles, count: int, effort: int) -> Ids:
        return np.asarray(self._index.search(asked, count)[1])


class FaissIvf:
    """The structure that sigsearch uses, by FAISS alone: the same lists, sample and codes.

    What the codes find is weighed again with the vectors, kept in memory.
    """

    efforts = (4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384)

    def build(self, vectors: Singles, folder: Path) -> None:
        import faiss

        from sigsearch.index.search.structures import centroids, clustering
        from sigsearch.index.search.structures.codes import RABITQ

        lists = clustering.list_count(len(vectors))
        wanted = min(len(vectors), lists * clustering._TRAINING_PER_LIST)
        sample = np.unique(np.linspace(0, len(vectors) - 1, wanted).astype(np.int64))
        trained = centroids.trained(vectors[sample], lists)
        self._index: Any = RABITQ.index(trained, vectors.shape[1], lists, vectors[sample])
        for start in range(0, len(vectors), _CHUNK):
            self._index.add(np.ascontiguousarray(vectors[start : start + _CHUNK]))
        flat = faiss.IndexFlatIP(vectors.shape[1])
        for start in range(0, len(vectors), _CHUNK):
            flat.add(np.ascontiguousarray(vectors[start : start + _CHUNK]))
        self._refined: Any = faiss.IndexRefine(self._index, flat)
        self._flat = flat
        faiss.write_index(self._refined, str(folder / "ivf"))

    def search(self, asked: Singles, count: int, effort: int) -> Ids:
        self._index.nprobe = effort
        from sigsearch.index.search.structures.codes import RABITQ

        self._refined.k_factor = RABITQ.looked_at / count
        return np.asarray(self._refined.search(asked, count)[1])


class FaissHnsw:
    efforts = GRAPH_EFFORTS

    def build(self, vectors: Singles, folder: Path) -> None:
        import faiss

        self._index = faiss.IndexHNSWSQ(
            vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, 16, faiss.METRIC_INNER_PRODUCT
        )
        self._index.hnsw.efConstruction = 100
        self._index.train(np.ascontiguousarray(vectors[:_CHUNK]))
        for start in range(0, len(vectors), _CHUNK):
            self._index.add(np.ascontiguousarray(vectors[start : start + _CHUNK]))
        faiss.write_index(self._index, str(folder / "hnsw"))

    def search(self, asked: Singles, count: int, effort: int) -> Ids:
        self._index.hnsw.efSearch = effort
        return np.asarray(self._index.search(asked, count)[1])


class Hnswlib:
    efforts = GRAPH_EFFORTS

    def build(self, vectors: Singles, folder: Path) -> None:
        import hnswlib

        self._index = hnswlib.Index(space="ip", dim=vectors.shape[1])
        self._index.init_index(max_elements=len(vectors), ef_construction=100, M=16)
        for start in range(0, len(vectors), _CHUNK):
            rows = np.arange(start, min(start + _CHUNK, len(vectors)))
            self._index.add_items(vectors[rows], rows)
        self._index.save_index(str(folder / "hnswlib"))

    def load(self, dimensions: int, folder: Path) -> None:
        import hnswlib

        self._index = hnswlib.Index(space="ip", dim=dimensions)
        self._index.load_index(str(folder / "hnswlib"))

    def search(self, asked: Singles, count: int, effort: int) -> Ids:
        self._index.set_ef(max(effort, count))
        return np.asarray(self._index.knn_query(asked, k=count)[0]).astype(np.int64)


class Usearch:
    efforts = GRAPH_EFFORTS

    def build(self, vectors: Singles, folder: Path) -> None:
        from usearch.index import Index

        self._index = Index(
            ndim=vectors.shape[1], metric="ip", dtype="f16", connectivity=16, expansion_add=100
        )
        for start in range(0, len(vectors), _CHUNK):
            rows = np.arange(start, min(start + _CHUNK, len(vectors)))
            self._index.add(rows, np.ascontiguousarray(vectors[rows]))
        self._index.save(str(folder / "usearch"))

    def load(self, dimensions: int, folder: Path) -> None:
        from usearch.index import Index

        self._index = Index.restore(str(folder / "usearch"))

    def search(self, asked: Singles, count: int, effort: int) -> Ids:
        self._index.expansion_search = effort
        keys = np.asarray(self._index.search(asked, count).keys).astype(np.int64)
        return keys.reshape(len(asked), -1)


class LanceDb:
    efforts = (8, 16, 32, 64, 128, 256)

    def build(self, vectors: Singles, folder: Path) -> None:
        import lancedb
        import pyarrow as pa

        dimensions = vectors.shape[1]
        schema = pa.schema([("id", pa.int64()), ("vector", pa.list_(pa.float32(), dimensions))])

        def batches() -> Any:
            for start in range(0, len(vectors), _CHUNK):
                part = np.ascontiguousarray(vectors[start : start + _CHUNK])
                ids = pa.array(np.arange(start, start + len(part)))
                lists = pa.FixedSizeListArray.from_arrays(pa.array(part.ravel()), dimensions)
                yield pa.RecordBatch.from_arrays([ids, lists], schema=schema)

        database = lancedb.connect(str(folder / "lance"))
        self._table = database.create_table("vectors", data=batches(), schema=schema)
        partitions = max(2, int(len(vectors) ** 0.5))
        self._table.create_index(
            metric="dot", num_partitions=partitions, num_sub_vectors=dimensions // 8
        )

    def search(self, asked: Singles, count: int, effort: int) -> Ids:
        found = []
        for one in asked:
            query = self._table.search(one).metric("dot").nprobes(effort).refine_factor(10)
            ids = query.limit(count).select(["id"]).to_arrow()["id"].to_numpy()
            found.append(np.pad(ids, (0, count - len(ids)), constant_values=-1))
        return np.stack(found)


class MilvusLite:
    efforts = (4, 8, 16, 32, 64, 128, 256)

    def build(self, vectors: Singles, folder: Path) -> None:
        from pymilvus import DataType, MilvusClient

        self._client = MilvusClient(str(folder / "milvus.db"))
        schema = self._client.create_schema(auto_id=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=vectors.shape[1])
        self._client.create_collection("vectors", schema=schema)
        for start in range(0, len(vectors), 2000):
            part = vectors[start : start + 2000]
            self._client.insert(
                "vectors",
                [{"id": start + row, "vector": one.tolist()} for row, one in enumerate(part)],
            )
        index = self._client.prepare_index_params()
        lists = max(16, int(len(vectors) ** 0.5))
        index.add_index("vector", index_type="IVF_FLAT", metric_type="IP", params={"nlist": lists})
        self._client.create_index("vectors", index)
        self._client.load_collection("vectors")

    def search(self, asked: Singles, count: int, effort: int) -> Ids:
        found = self._client.search(
            "vectors", asked.tolist(), limit=count, search_params={"params": {"nprobe": effort}}
        )
        rows = np.full((len(asked), count), -1, np.int64)
        for row, hits in enumerate(found):
            rows[row, : len(hits)] = [hit["id"] for hit in hits]
        return rows


PEERS: dict[str, type[Peer]] = {
    "faiss flat": FaissFlat,
    "faiss ivf rabitq": FaissIvf,
    "faiss hnsw sq8": FaissHnsw,
    "hnswlib": Hnswlib,
    "usearch f16": Usearch,
    "lancedb ivf-pq": LanceDb,
    "milvus lite ivf": MilvusLite,
}
