"""The scanner finds what is planted, in every form it may take, and nothing else."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.attack.secret_scan import MARKER, PLANTED, STUDENT, leaks, main
from tests.conftest import pytest_runtest_makereport


@pytest.mark.parametrize("name", PLANTED)
@pytest.mark.parametrize(
    "encode",
    [
        str,
        str.upper,
        lambda text: json.dumps({"a": text}),
        lambda text: json.dumps({"a": text}, ensure_ascii=False),
        lambda text: quote(text, safe=""),
        lambda text: repr(text.encode()),
        lambda text: text[::-1],
        lambda text: text.encode().hex(),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.urlsafe_b64encode(b"x" + text.encode()).decode().rstrip("="),
    ],
    ids=["plain", "upper", "json", "utf8", "url", "repr", "reversed", "hex", "base64", "urlsafe"],
)
def test_a_planted_secret_is_found_in_every_form(name: str, encode: object) -> None:
    text = f"something before {encode(PLANTED[name])} and after"  # type: ignore[operator]

    assert leaks({"log": text})


@pytest.mark.parametrize(
    "text",
    [
        "https://b.s3.amazonaws.com/k?X-Amz-Signature=0a1b2c",
        "url=https%3A%2F%2Fb%2Fk%3FX-Amz-Signature%3D0a1b2c",
        "Authorization: Bearer sk-proj-abcdefghijklmnop1234",
        "AKIAIOSFODNN7EXAMPLE",
    ],
)
def test_real_credentials_are_known_by_their_shape(text: str) -> None:
    assert leaks({"log": text})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "download_expired: the link has expired or is not allowed (HTTP 403)",
        json.dumps({"level": "INFO", "job_id": "9b2f6a", "code": "ocr_failed"}),
        "the parameter X-Amz-Signature is missing",
        base64.b64encode(bytes(range(256))).decode(),
    ],
)
def test_an_honest_line_raises_no_alarm(text: str) -> None:
    assert leaks({"log": text}) == []


def test_a_leak_says_where_it_is() -> None:
    (leak,) = leaks({"row": "nothing", "log": f"token {MARKER}"})

    assert (leak.where, STUDENT in leak.around, MARKER in leak.around) == ("log", False, True)


def test_a_folder_of_logs_is_searched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/clean.log").write_text("ended")
    assert main([str(tmp_path)]) == 0

    (tmp_path / "a/dirty.log").write_bytes(b"\xff\n" + MARKER.encode())
    assert main([str(tmp_path)]) == 1
    assert "a/dirty.log" in capsys.readouterr().out


@pytest.mark.parametrize(("output", "outcome"), [(MARKER, "failed"), ("ended", "passed")])
def test_a_test_whose_output_holds_a_secret_fails(output: str, outcome: str) -> None:
    report = pytest.TestReport(
        "a", ("a.py", 1, "a"), {}, "passed", None, "call", sections=[("stdout", output)]
    )
    hook = pytest_runtest_makereport(item=None, call=None)
    next(hook)

    with pytest.raises(StopIteration) as stopped:
        hook.send(report)

    assert stopped.value.value.outcome == outcome
