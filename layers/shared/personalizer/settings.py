"""What the environment says, read in one place."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True, slots=True)
class Settings:
    """One field for every variable that template.yaml sets, under the same name in capitals."""

    events_table: str
    loops_table: str
    hub_stream: str
    data_bucket: str
    quarantine_bucket: str
    refresh_seconds: float
    expiry_shards: int
    hub_announcements: bool

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raises KeyError or ValueError for a variable that is missing or malformed."""
        values = {field.name: environment[field.name.upper()] for field in fields(cls)}
        return cls(
            events_table=values["events_table"],
            loops_table=values["loops_table"],
            hub_stream=values["hub_stream"],
            data_bucket=values["data_bucket"],
            quarantine_bucket=values["quarantine_bucket"],
            refresh_seconds=float(values["refresh_seconds"]),
            expiry_shards=int(values["expiry_shards"]),
            hub_announcements=_boolean(values["hub_announcements"]),
        )


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]
