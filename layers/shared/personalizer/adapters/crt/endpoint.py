"""Where a service listens: as AWS's SDKs read it from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`is_given` says that it is not AWS's own, but a stand-in for it."""

    region: str
    host: str
    port: int = 443
    scheme: str = "https"
    is_given: bool = False

    @classmethod
    def of(cls, service: str, environment: Mapping[str, str]) -> Self:
        """Raises KeyError if no region is set."""
        region = environment.get("AWS_DEFAULT_REGION") or environment["AWS_REGION"]
        variable = f"AWS_ENDPOINT_URL_{service.upper()}"
        if given := environment.get(variable) or environment.get("AWS_ENDPOINT_URL"):
            url = urlsplit(given)
            host, port = url.hostname or "", url.port or _PORTS[url.scheme]
            return cls(region, host, port, url.scheme, is_given=True)
        suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        return cls(region, f"{service}.{region}.{suffix}")

    def of_one(self, name: str) -> Self:
        """Of something in the service, where AWS has a host for each."""
        return replace(self, host=f"{name}.{self.host}")

    @property
    def authority(self) -> str:
        """For the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"
