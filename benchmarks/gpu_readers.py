"""Pictures/s of segmentation and texts/s of embedding, on the GPU if one answers and on the CPU.

    .venv/bin/python -m benchmarks.gpu_readers
    .venv/bin/python -m benchmarks.gpu_readers --threads 4 --out out/gpu.md

The networks have the size of YOLOv8-nano at 640 px and of multilingual-e5-small, with random
weights: they find and mean nothing, but do the same arithmetic. `one` rows go the way a job goes,
from the picture or texts in memory to boxes or vectors; `net` rows run the network alone, in
batches. Where a GPU answers, its outputs are held against the CPU's. Exits 1 where they differ.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from analysis.onnx import OnnxModel, open_model
from analysis.segmentation.detector import letterbox
from analysis.segmentation.heads import decode
from tests.generators.detectors.network import detector, sentence_encoder

CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"
PICTURES, TEXTS = (1, 2, 4, 8, 16), (1, 8, 32, 128)
WORDS = 64
"""Tokens of a text: a short problem."""

TOLERANCE = 5e-3
"""Greatest difference of two outputs, whose values are about 0-1 (boxes) and -4 to 4 (vectors):
CUDA adds in another order, and in TF32 where the GPU has it (10 bits of mantissa)."""

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: pictures or texts a second by the clock, and a second of this processor.

    The latter does not depend on what else the machine does; of a GPU it is what the host pays.
    """

    reader: str
    way: str
    batch: int
    provider: str
    items: float
    items_cpu: float


def rates(work: Callable[[], object], items: int, seconds: float) -> tuple[float, float]:
    """Items a second and a processor's second, for `seconds` at least, after a round of warming."""
    work()
    rounds, started, used = 0, time.perf_counter(), time.process_time()
    while (took := time.perf_counter() - started) < seconds or rounds < 2:
        work()
        rounds += 1
    return items * rounds / took, items * rounds / (time.process_time() - used)


def models(path: Path, threads: int) -> dict[str, OnnxModel]:
    """The model by the provider that runs it; the CPU's is always there."""
    found = open_model(path, threads)
    if found.provider == CPU:
        return {CPU: found}
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=[CPU])
    plain = OnnxModel(session, CPU, found.input_name, found.output_names, found.size, found.names)
    return {found.provider: found, CPU: plain}


def segmentation(model: OnnxModel, page: NDArray[np.uint8]) -> None:
    """What a job does with a page once it is decoded."""
    tensor, _, _ = letterbox(page, (640, 640))
    decode(model.run({model.input_name: tensor}), (640, 640), 1)


def pictures(batch: int, rng: np.random.Generator) -> Arrays:
    """A batch of letterboxed pictures."""
    return {"images": rng.random((batch, 3, 640, 640), np.float32)}


def texts(batch: int, rng: np.random.Generator) -> Arrays:
    """A batch of texts as token numbers."""
    ids = rng.integers(2, 2000, (batch, WORDS), np.int64)
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}


def measured(folder: Path, threads: int, seconds: float) -> Iterator[Row | tuple[str, float]]:
    """Rows, and (what, greatest difference from the CPU) wherever a GPU answers."""
    rng = np.random.default_rng(7)
    (folder / "questions.onnx").write_bytes(detector())
    sentence_encoder(folder)
    found = models(folder / "questions.onnx", threads)
    page = rng.integers(0, 255, (1654, 1169, 3), np.uint8)
    for provider, model in found.items():
        speeds = rates(partial(segmentation, model, page), 1, seconds)
        yield Row("segmentation", "one", 1, provider, *speeds)
    yield from _net("segmentation", found, PICTURES, pictures, rng, seconds)
    found = models(folder / "model.onnx", threads)
    yield from _net("embedding", found, TEXTS, texts, rng, seconds)


def _net(
    reader: str,
    found: dict[str, OnnxModel],
    batches: tuple[int, ...],
    given: Callable[[int, np.random.Generator], Arrays],
    rng: np.random.Generator,
    seconds: float,
) -> Iterator[Row | tuple[str, float]]:
    for batch in batches:
        inputs = given(batch, rng)
        outputs = {}
        for provider, model in found.items():
            outputs[provider] = model.run(inputs)[0]
            speeds = rates(partial(model.run, inputs), batch, seconds)
            yield Row(reader, "net", batch, provider, *speeds)
        for provider in set(outputs) - {CPU}:
            apart = float(np.abs(outputs[provider] - outputs[CPU]).max())
            yield f"{reader}, batch {batch}, {provider}", apart


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="threads of the CPU's network")
    parser.add_argument("--seconds", type=float, default=2.0, help="s for each row")
    parser.add_argument("--out", type=Path, help="write the table as Markdown too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = list(measured(Path(folder), options.threads, options.seconds))
    rows = [item for item in found if isinstance(item, Row)]
    apart = [item for item in found if not isinstance(item, Row)]
    shown(rows, apart, options.threads, options.out)
    sys.exit(any(difference > TOLERANCE for _, difference in apart))


def shown(rows: list[Row], apart: list[tuple[str, float]], threads: int, out: Path | None) -> None:
    """Print the rows and whether outputs agree; write Markdown to `out`."""
    title = f"CPU with {threads} thread(s)"
    title += "" if apart else "; no GPU answered: these are the CPU's figures alone"
    table = Table("reader", "way", "batch", "provider", "items/s", "per CPU s", title=title)
    lines = [
        title,
        "",
        "| reader | way | batch | provider | items/s | per CPU s |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = (
            row.reader,
            row.way,
            str(row.batch),
            row.provider,
            f"{row.items:,.1f}",
            f"{row.items_cpu:,.1f}",
        )
        table.add_row(*cells)
        lines.append(f"| {' | '.join(cells)} |")
    said = [
        f"{what}: outputs differ by {difference:.1e} at most (allowed {TOLERANCE:.0e})"
        for what, difference in apart
    ]
    Console().print(table, *said, sep="\n")
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text("\n".join([*lines, "", *said]) + "\n")


if __name__ == "__main__":
    main()
