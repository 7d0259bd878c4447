"""A bug that is planted on purpose: exact words of the product, and wrong ones in their place."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

PACKAGE = Path(__file__).parents[2] / "layers/shared/personalizer"


@dataclass(frozen=True, slots=True)
class Edit:
    """`old` must stand in the file once, so that mutants follow the code."""

    file: str
    old: str
    new: str

    def applied(self, package: Path) -> str:
        """The file's text with the bug. Raises ValueError if the place is not to be found."""
        text = (package / self.file).read_text()
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file} has {text.count(self.old)} times: {self.old}")
        return text.replace(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Mutant:
    """`tests` are those of the adapter that the bug lives in, where the simulation has another."""

    name: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...] = ()


@contextmanager
def planted(mutant: Mutant) -> Iterator[Path]:
    """A folder with a copy of the package that has the bug."""
    with TemporaryDirectory(prefix="mutant-") as folder:
        package = Path(folder) / PACKAGE.name
        shutil.copytree(PACKAGE, package)  # with what is compiled of it
        for edit in mutant.edits:
            (package / edit.file).write_text(edit.applied(package))
        yield Path(folder)
