"""ONNX models: sessions opened once, the provider chosen and told, metadata read."""

import ast
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faults import Code, Permanent

_PREFERRED = ("CUDAExecutionProvider", "CPUExecutionProvider")


@dataclass(frozen=True, slots=True, eq=False)
class OnnxModel:
    """An open model.

    `provider` runs it. `size` is the (width, height) in px its first input wants, None where the
    model leaves it open and its metadata is silent. `names` are its class names by index.
    """

    session: Any
    provider: str
    input_name: str
    output_names: tuple[str, ...]
    size: tuple[int, int] | None
    names: dict[int, str]

    def run(self, inputs: dict[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Run the model. Raises `Permanent(model_output_invalid)` where the runtime refuses."""
        try:
            return list(self.session.run(list(self.output_names), inputs))
        except Exception as error:  # the runtime's errors share no base of their own
            raise Permanent(
                Code.MODEL_OUTPUT_INVALID, f"the model could not be run: {type(error).__name__}"
            ) from error


def open_model(path: Path, threads: int = 1) -> OnnxModel:
    """Open a model, or return the one opened before while the file is unchanged.

    CUDA is taken where the runtime offers it, else the CPU with `threads` threads. Raises
    `Permanent(model_invalid)`.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise Permanent(Code.MODEL_INVALID, f"no model file {path.name}") from error
    return _open(path, stat.st_mtime_ns, stat.st_size, threads)


@lru_cache(maxsize=4)
def _open(path: Path, _changed: int, _size: int, threads: int) -> OnnxModel:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    offered = onnxruntime.get_available_providers()
    providers = [name for name in _PREFERRED if name in offered] or offered
    if "CUDAExecutionProvider" in providers:
        onnxruntime.preload_dlls()  # CUDA and cuDNN lie in wheels, where the loader does not look
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # the runtime's errors share no base of their own
        raise Permanent(Code.MODEL_INVALID, f"{path.name} is no ONNX model that runs") from error
    meta = dict(session.get_modelmeta().custom_metadata_map)
    first = session.get_inputs()[0]
    return OnnxModel(
        session=session,
        provider=session.get_providers()[0],
        input_name=first.name,
        output_names=tuple(output.name for output in session.get_outputs()),
        size=_input_size(first.shape, meta.get("imgsz")),
        names=_names(meta.get("names")),
    )


def _input_size(shape: list[Any], told: str | None) -> tuple[int, int] | None:
    if len(shape) == 4 and all(isinstance(side, int) and side > 0 for side in shape[2:]):
        return int(shape[3]), int(shape[2])
    value = _literal(told)
    if isinstance(value, int):
        return value, value
    if isinstance(value, list | tuple) and len(value) == 2:
        return int(value[1]), int(value[0])
    return None


def _names(told: str | None) -> dict[int, str]:
    value = _literal(told)
    if isinstance(value, dict):
        return {int(index): str(name) for index, name in value.items()}
    if isinstance(value, list | tuple):
        return {index: str(name) for index, name in enumerate(value)}
    return {}


def _literal(text: str | None) -> Any:
    try:
        return ast.literal_eval(text) if text else None
    except (ValueError, SyntaxError):
        return None


def sigmoid(values: NDArray[Any]) -> NDArray[np.float64]:
    """Logistic function, safe for large values of either sign."""
    values = np.asarray(values, dtype=np.float64)
    return np.asarray(0.5 * (1 + np.tanh(values / 2)))
