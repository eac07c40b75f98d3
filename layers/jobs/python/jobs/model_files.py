"""Models that lie in S3: fetched once per process into the temporary folder."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from faults import Code, Permanent, Transient

_ABSENT = {"404", "NoSuchKey", "403", "AccessDenied"}
"""What S3 says of a missing key; the second pair to whoever may not list the bucket."""

_SPARE = 32 * 2**20
"""Bytes of the temporary folder that a model leaves free."""


def model_folder(ref: str, names: Iterable[str], s3: Callable[[], Any]) -> Path:
    """Return the folder of a model: a path as it is, `s3://bucket/prefix` fetched.

    `names` are the files a model may have; those that are missing are left out. What an earlier
    call of this process fetched is not fetched again. `s3` opens the client. Raises
    `Permanent(model_invalid)` where none of them can be read or the disk is too small,
    `Transient(dependency_unavailable)`.
    """
    if not ref.startswith("s3://"):
        return Path(ref)
    bucket, _, prefix = ref.removeprefix("s3://").strip("/").partition("/")
    name = prefix.rpartition("/")[2] or bucket
    digest = hashlib.sha256(ref.encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / "models" / digest / name
    if folder.is_dir():
        return folder
    part = folder.with_name(f"{name}.part")
    shutil.rmtree(part, ignore_errors=True)
    client = s3()
    found = [_fetch(client, bucket, f"{prefix}/{one}", part / one) for one in names]
    if not any(found):
        shutil.rmtree(part, ignore_errors=True)
        raise Permanent(
            Code.MODEL_INVALID,
            f"no model {name} in S3, or its role may not read it; models lie below models/",
        )
    part.rename(folder)
    return folder


def _fetch(s3: Any, bucket: str, key: str, path: Path) -> bool:
    """Fetch a file; False where there is none."""
    try:
        answer = s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if str(error.response.get("Error", {}).get("Code")) in _ABSENT:
            return False
        raise _down() from None
    except BotoCoreError:
        raise _down() from None
    path.parent.mkdir(parents=True, exist_ok=True)
    if answer["ContentLength"] > shutil.disk_usage(path.parent).free - _SPARE:
        raise Permanent(
            Code.MODEL_INVALID, f"{path.name} does not fit into /tmp; enlarge EphemeralStorage"
        )
    try:
        with path.open("wb") as file:
            shutil.copyfileobj(answer["Body"], file, 2**20)
    except BotoCoreError:
        raise _down() from None
    if path.stat().st_size != answer["ContentLength"]:
        raise _down()
    return True


def _down() -> Transient:
    return Transient(Code.DEPENDENCY_UNAVAILABLE, "a model file could not be read from S3")
