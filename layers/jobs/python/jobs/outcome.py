"""How an attempt can end: with a result or with a coded failure; there is no third way."""

from dataclasses import dataclass
from typing import Self

from faults import Code, WorkerError
from jobs import limits


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result where it lies: `inline` JSON text, or `ref` (s3://…) with its sha256 and size."""

    inline: str | None = None
    ref: str | None = None
    sha256: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The job was read; the result is kept."""

    result: StoredResult


@dataclass(frozen=True, slots=True)
class Failed:
    """The job cannot be read; `message` says what to do and is safe to show."""

    code: Code
    message: str

    @classmethod
    def of(cls, error: WorkerError) -> Self:
        """Take code and message over from an error, cut to what the row keeps."""
        return cls(error.code, error.message[: limits.ERROR_MESSAGE_CHARS])


Outcome = Done | Failed
