"""Environment variables in typed models, checked once at cold start."""

import os
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from faults import Code, Permanent


class EnvSettings(BaseModel):
    """A group of settings; field `table_name` is read from `TABLE_NAME`.

    Empty variables count as unset, as SAM renders an unused parameter as an empty text.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read and check the group. Raises `Permanent(not_configured)` naming the variables."""
        source = os.environ if environ is None else environ
        found = {
            name: source[name.upper()] for name in cls.model_fields if source.get(name.upper())
        }
        try:
            return cls.model_validate(found)
        except ValidationError as error:
            names = ", ".join(sorted({str(item["loc"][0]).upper() for item in error.errors()}))
            raise Permanent(
                Code.NOT_CONFIGURED, f"missing or wrong environment variables: {names}"
            ) from None
