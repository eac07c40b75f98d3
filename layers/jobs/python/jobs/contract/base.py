"""The two bases of all wire models: tolerant where we read, strict where we write."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class Payload(BaseModel):
    """What a producer sends: unknown fields are ignored, wrong ones are refused by name."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Result(BaseModel):
    """What the project answers: exactly the declared fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


DownloadUrl = Annotated[str, StringConstraints(min_length=8, max_length=8192)]
"""A (presigned) https URL; vetted again by the guarded download."""

Box = Annotated[list[int], Field(min_length=4, max_length=4)]
"""[x, y, width, height] in px of the upright page, origin top left."""

Score = Annotated[float, Field(ge=0, le=1)]
"""A share or a confidence, 0-1."""
