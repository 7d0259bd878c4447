"""What the environment says, read in one place."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, Self

import msgspec


@dataclass(frozen=True, slots=True)
class Settings:
    """One field for every variable that template.yaml sets, under the same name in capitals."""

    events_table: str
    loops_table: str
    hub_stream: str
    data_bucket: str
    quarantine_bucket: str
    model_signing_key: str
    refresh_seconds: float
    expiry_shards: int
    hub_announcements: bool
    hub_lanes: int
    transport: Literal["crt", "boto3"]
    evaluation_machine: str
    evaluation_seconds: int

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raises KeyError or ValueError for a variable that is missing or malformed."""
        values = {field.name: environment[field.name.upper()] for field in fields(cls)}
        return msgspec.convert(values, cls, strict=False)


@dataclass(frozen=True, slots=True)
class Names:
    """What log events and metrics say they come from: Powertools reads the same two variables."""

    service: str
    namespace: str

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        return cls(
            environment["POWERTOOLS_SERVICE_NAME"], environment["POWERTOOLS_METRICS_NAMESPACE"]
        )
