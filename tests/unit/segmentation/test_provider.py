"""Which ONNX provider runs a model: a GPU where the runtime has one that works, else the CPU."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis.onnx import open_model

CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"


class Runtime:
    """The part of onnxruntime that opening a model uses; `works` are the providers that do."""

    def __init__(self, offered: list[str], works: set[str]) -> None:
        self.offered = offered
        self.works = works
        self.preloaded = False

    def get_available_providers(self) -> list[str]:
        return self.offered

    def preload_dlls(self) -> None:
        self.preloaded = True

    SessionOptions = SimpleNamespace

    def InferenceSession(self, path: str, options: object, providers: list[str]) -> SimpleNamespace:
        taken = [name for name in providers if name in self.works]
        return SimpleNamespace(
            get_providers=lambda: taken,
            get_modelmeta=lambda: SimpleNamespace(custom_metadata_map={}),
            get_inputs=lambda: [SimpleNamespace(name="images", shape=[1, 3, 640, 640])],
            get_outputs=lambda: [SimpleNamespace(name="out")],
        )


@pytest.mark.parametrize(
    ("offered", "works", "provider"),
    [
        (["TensorrtExecutionProvider", CUDA, CPU], {CUDA, CPU}, CUDA),
        ([CUDA, CPU], {CPU}, CPU),
        (["AzureExecutionProvider", CPU], {CPU}, CPU),
    ],
)
def test_the_provider_told_is_the_one_that_runs(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    offered: list[str],
    works: set[str],
    provider: str,
) -> None:
    runtime = Runtime(offered, works)
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    path = tmp_path / "model.onnx"
    path.write_bytes(b"")

    assert open_model(path).provider == provider
    assert runtime.preloaded is (CUDA in offered)
