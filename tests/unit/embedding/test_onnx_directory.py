"""Any sentence-transformers directory, from a folder or from S3, run by onnxruntime."""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
from moto import mock_aws

from analysis.embedding.onnx_directory import FILES, OnnxDirectory
from faults import Code, Permanent, Transient
from functions.embedding import backend_choice
from functions.embedding.answer import embed_with
from functions.embedding.backend_choice import EmbeddingSettings, backend
from jobs import wiring
from jobs.contract.embedding import EmbeddingPayload
from jobs.model_files import model_folder
from tests.generators.embedding.sentence_encoder import WORDS, table, write_directory

POOLING = {
    "mean_tokens": lambda rows: rows.mean(axis=0),
    "cls_token": lambda rows: rows[0],
    "max_tokens": lambda rows: rows.max(axis=0),
}


def unit(vector: Any) -> Any:
    return vector / np.linalg.norm(vector)


def rows(text: str) -> Any:
    known = [WORDS.index(word) if word in WORDS else 0 for word in text.split()]
    return table()[known]


@pytest.mark.parametrize("pooling", POOLING)
def test_pooling_is_the_directorys_own_and_padding_does_not_count(
    tmp_path: Path, pooling: str
) -> None:
    engine = OnnxDirectory(write_directory(tmp_path, pooling=pooling))
    texts = ["원 넓이", "지진 까닭 지진 까닭 삼각형", "둘레"] * 30
    found = engine.encode(texts)
    for text, vector in zip(texts, found, strict=True):
        assert np.allclose(vector, unit(POOLING[pooling](rows(text))), atol=1e-5)


def test_a_long_text_is_cut_where_the_model_ends(tmp_path: Path) -> None:
    engine = OnnxDirectory(write_directory(tmp_path, longest=3))
    assert np.allclose(engine.encode(["원 넓이 지진 까닭"]), engine.encode(["원 넓이 지진"]))


@pytest.mark.parametrize(
    ("prompts", "default", "before"),
    [
        ({}, None, ""),
        ({"query": "query: ", "passage": "passage: "}, None, "query: "),
        ({"query": "query: ", "passage": "passage: "}, "passage", "passage: "),
        ({"document": "passage: "}, None, ""),
    ],
)
def test_the_prompts_table_is_read(
    tmp_path: Path, prompts: dict[str, str], default: str | None, before: str
) -> None:
    engine = OnnxDirectory(write_directory(tmp_path, prompts=prompts, default_prompt=default))
    assert np.allclose(engine.encode(["원"])[0], unit(rows(f"{before}원").mean(axis=0)), atol=1e-5)


def test_directories_of_one_name_and_other_weights_are_other_models(tmp_path: Path) -> None:
    one = OnnxDirectory(write_directory(tmp_path / "a" / "m", seed=1))
    other = OnnxDirectory(write_directory(tmp_path / "b" / "m", seed=2))
    again = OnnxDirectory(write_directory(tmp_path / "c" / "m", seed=1))
    assert one.model == again.model
    assert one.model != other.model
    with pytest.raises(Permanent) as caught:
        embed_with(one, EmbeddingPayload(texts=["원"], model=other.model))
    assert caught.value.code is Code.MODEL_MISMATCH


def test_what_ran_the_model_is_told(tmp_path: Path) -> None:
    result = embed_with(OnnxDirectory(write_directory(tmp_path)), EmbeddingPayload(texts=["원"]))
    assert (result.backend, result.provider) == ("onnx", "CPUExecutionProvider")


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json"])
def test_a_directory_without_a_part_is_refused(tmp_path: Path, missing: str) -> None:
    folder = write_directory(tmp_path)
    (folder / missing).unlink()
    with pytest.raises(Permanent) as caught:
        OnnxDirectory(folder)
    assert caught.value.code is Code.MODEL_INVALID


@pytest.fixture
def s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    backend_choice._onnx.cache_clear()
    wiring.client.cache_clear()
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="models-here")
        folder = write_directory(tmp_path / "tiny", nested=True)
        for path in folder.rglob("*.*"):
            key = f"models/tiny/{path.relative_to(folder)}"
            client.put_object(Bucket="models-here", Key=key, Body=path.read_bytes())
        yield client
    wiring.client.cache_clear()
    backend_choice._onnx.cache_clear()


def test_a_directory_in_s3_is_fetched_once_and_gives_the_same_vectors(
    s3: Any, tmp_path: Path
) -> None:
    settings = EmbeddingSettings(embedding_onnx_path="s3://models-here/models/tiny/")
    engine = backend(partial(float, 60), settings)
    here = OnnxDirectory(tmp_path / "tiny")
    assert engine.model == here.model
    assert np.array_equal(engine.encode(["원 넓이"]), here.encode(["원 넓이"]))
    s3.delete_object(Bucket="models-here", Key="models/tiny/tokenizer.json")
    assert backend(partial(float, 60), settings) is engine
    assert model_folder("s3://models-here/models/tiny", FILES, lambda: s3).is_dir()


def test_no_model_in_s3_is_a_clear_error_and_leaves_nothing(s3: Any, tmp_path: Path) -> None:
    with pytest.raises(Permanent) as caught:
        model_folder("s3://models-here/models/none", FILES, lambda: s3)
    assert caught.value.code is Code.MODEL_INVALID
    assert not list((tmp_path / "tmp").rglob("none*"))


def test_a_bucket_that_does_not_answer_is_tried_again(s3: Any) -> None:
    with pytest.raises(Transient) as caught:
        model_folder("s3://no-such-bucket-here/models/none", FILES, lambda: s3)
    assert caught.value.code is Code.DEPENDENCY_UNAVAILABLE
