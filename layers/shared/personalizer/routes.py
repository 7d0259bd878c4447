"""Which operation a method and a path mean."""

from collections.abc import Callable, Mapping

from personalizer.api import Request, Response

type Operation = Callable[[Request, Mapping[str, str]], Response]
"""Gets the request, and what the path has in the place of names in braces, percent-encoded."""


class Routes:
    def __init__(self) -> None:
        self._operations: dict[tuple[str, int], list[tuple[list[str], Operation]]] = {}

    def add(self, method: str, template: str, operation: Operation) -> None:
        """`template` is a path such as /model/history/{generation}/restore."""
        parts = template.split("/")
        self._operations.setdefault((method, len(parts)), []).append((parts, operation))

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        parts = path.split("/")
        for template, operation in self._operations.get((method, len(parts)), []):
            if (found := _matched(template, parts)) is not None:
                return operation, found
        return None


def _matched(template: list[str], parts: list[str]) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for wanted, part in zip(template, parts, strict=True):
        if wanted.startswith("{") and part:
            found[wanted.strip("{}")] = part
        elif wanted != part:
            return None
    return found
