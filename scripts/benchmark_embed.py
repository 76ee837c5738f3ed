"""Images a second from file to embedding, on one core and on two, and where the time goes.

python scripts/benchmark_embed.py                 # drawn scans of about 900 x 300
python scripts/benchmark_embed.py FOLDER          # one's own images
python scripts/benchmark_embed.py --peer          # beside a SigNet-shaped network in torch
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from sigsearch.encoder import Encoder
from sigsearch.imaging import load, read_signature
from sigsearch.synthesis import Writer

ROUNDS = 5


def drawn(count: int) -> list[bytes]:
    """PNG scans of 900 x 300, one a writer."""
    files = []
    for seed in range(count):
        page = Image.new("L", (900, 300), 245)
        specimen = Image.fromarray(Writer.from_seed(seed).specimen(0).page)
        specimen.thumbnail((860, 280))
        page.paste(specimen, (20, 10))
        out = io.BytesIO()
        page.save(out, "PNG")
        files.append(out.getvalue())
    return files


def milliseconds(work: Callable[[], object], images: int) -> float:
    """Median over rounds, an image."""
    work()
    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return 1000 * median(spent) / images


def signet_peer(canvases: np.ndarray, threads: int) -> float:
    """Five convolutions, 150 x 220, 2048 features, as SigNet (Hafemann et al. 2017) has it."""
    import torch
    from signet import layers

    torch.set_num_threads(threads)
    network = layers().eval()
    images = torch.from_numpy(canvases).float()
    with torch.inference_mode():
        return milliseconds(lambda: network(images), len(images))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--peer", action="store_true", help="needs torch")
    given = parser.parse_args()
    files = (
        [p.read_bytes() for p in sorted(given.folder.iterdir())[: given.count]]
        if given.folder
        else drawn(given.count)
    )
    n = len(files)
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {n} images")
    pages = milliseconds(lambda: [load.load_page(f) for f in files], n)
    read = milliseconds(lambda: [read_signature(f) for f in files], n)
    signatures = [read_signature(f) for f in files]
    for threads in (1, 2):
        encoder = Encoder.load(threads=threads)
        network = milliseconds(lambda e=encoder: e.embed(signatures), n)
        with ThreadPoolExecutor(threads) as pool:
            whole = milliseconds(
                lambda e=encoder, p=pool: e.embed(list(p.map(read_signature, files))), n
            )
        print(
            f"{threads} core(s): {1000 / whole:.0f} images/s, {whole:.1f} ms an image "
            f"(one core: decode {pages:.1f}, ink {read - pages:.1f}; network {network:.1f})"
        )
        if given.peer:
            canvases = np.zeros((n, 1, 150, 220), np.float32)
            peer = signet_peer(canvases, threads)
            print(
                f"  SigNet-shaped network in torch: {peer:.1f} ms an image, network alone; "
                f"ours is {peer / network:.1f} times as fast"
            )


if __name__ == "__main__":
    main()
