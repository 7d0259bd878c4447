"""A stand-in for AWS's image of the Python runtime, made of this machine's own files.

It holds what `sam local invoke` needs, and no registry is asked for anything: Python, Lambda's
runtime interface client, a shell, and the libraries that they load. So it shows that handlers,
layers and template fit together; it is not Amazon Linux."""

import importlib.util
import io
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.e2e.docker_engine import Engine
from tests.e2e.rie import PYTHON

TAG = "open-personalizer/python:3.13"
RUNTIME = "/var/runtime"
STDLIB = Path(sysconfig.get_path("stdlib"))
INTERPRETER = Path(sys.base_prefix, "bin", "python3.13")
# SAM's own build of an image, on top of this one, runs these.
SHELL = [Path("/bin", name) for name in ("sh", "chmod", "cp", "mv", "rm")]
UNUSED = {"site-packages", "test", "__pycache__", "idlelib", "ensurepip", "tkinter", "turtledemo"}
LIBRARY = re.compile(r"(/\S+) \(0x")
BOOTSTRAP = f'#!/bin/sh\nexec {INTERPRETER} -m awslambdaric "$_HANDLER"\n'


def make(engine: Engine, folder: Path, endpoint: str) -> None:
    """Its containers find AWS under this address: the one thing that the template does not tell
    them, and `sam local invoke` passes on nothing else."""
    archive = folder / "image.tar"
    client = _client_packages()
    files = [*SHELL, INTERPRETER, *_files(STDLIB)]
    libraries = _libraries([*files, *_files(client), *_typical_extensions()])
    with tarfile.open(archive, "w") as tar:
        for path in {*files, *libraries}:
            tar.add(path.resolve(), str(path))
        for path in _files(client):
            tar.add(path, f"{RUNTIME}/{path.relative_to(client)}")
        _add(tar, f"{RUNTIME}/bootstrap", tarfile.REGTYPE, 0o755, BOOTSTRAP)
        _add(tar, "/tmp", tarfile.DIRTYPE, 0o1777)
    told = {
        "AWS_ENDPOINT_URL": endpoint,
        "PATH": "/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": f"/var/task:/opt/python:{RUNTIME}",
        "LD_LIBRARY_PATH": os.pathsep.join(sorted({str(path.parent) for path in libraries})),
    }
    changes = [f"--change=ENV {name}={value}" for name, value in told.items()]
    engine.docker("import", *changes, str(archive), TAG)


def connect(engine: Engine, address: str, port: int) -> None:
    """Raises Missing if containers cannot run at all, or cannot reach this address."""
    program = f"import socket; socket.create_connection(({address!r}, {port}), 10)"
    engine.docker("run", "--rm", TAG, str(INTERPRETER), "-c", program)


def _client_packages() -> Path:
    [folder] = PYTHON.parents[1].glob("lib/python*/site-packages")
    return folder


def _typical_extensions() -> list[Path]:
    """Wheels bring most of their libraries along, but not those that every Linux has: C++'s, and
    what once was apart from libc."""
    found = map(importlib.util.find_spec, ("pylibvw", "_awscrt"))
    return [Path(spec.origin) for spec in found if spec is not None and spec.origin is not None]


def _files(folder: Path) -> Iterator[Path]:
    for path, folders, names in folder.walk():
        folders[:] = [name for name in folders if name not in UNUSED]
        yield from (path / name for name in names if not name.endswith(".a"))


def _libraries(files: Iterable[Path]) -> set[Path]:
    """What the programs and extension modules among the files load."""
    loading = [str(path) for path in files if _is_elf(path)]
    said = subprocess.run(["ldd", *loading], text=True, capture_output=True).stdout
    return {Path(path) for path in LIBRARY.findall(said)}


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _add(tar: tarfile.TarFile, name: str, kind: bytes, mode: int, content: str = "") -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.size = kind, mode, len(content)
    tar.addfile(entry, io.BytesIO(content.encode()))
