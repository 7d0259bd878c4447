"""What a cold start of the API's functions costs: CPU of a new interpreter that imports one of them
and answers its first request, beside one that imports boto3 and makes one client of DynamoDB.

Both from the built layers, compiled as they are on Lambda. A stub in another process is AWS: it has
the loop that rank asks for, its model, and the key that the authorizer asks for.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pylibvw

from benchmarks import stub
from benchmarks.figure import Figure
from benchmarks.handler import ENVIRONMENT
from benchmarks.put_item import ENVIRONMENT as CREDENTIALS
from cli.local import places
from personalizer import bootstrap
from personalizer.adapters.dynamodb import key_items, loop_items
from personalizer.adapters.memory import MemoryObjects
from personalizer.domain.access import Place, Slot
from personalizer.domain.loop import (
    DEFAULT_POLICY,
    Configuration,
    Head,
    LoopState,
    ModelRef,
    ObjectRef,
)
from personalizer.usecases.authorize import hash_key

STARTS = 7
PYTHON = f"{sys.base_prefix}/bin/python3.13"
"""Without the packages of this environment: functions have their layers."""
LOOP = "default"
"""That of the example events."""
GOALS = {"rank": "<=1.3", "reward": "-", "activate": "-", "authorize": "-"}
LAYERS = {"SharedLayer": "shared", "VowpalWabbitLayer": "vowpalwabbit"}
ANSWER = """
import json, sys
import app
answer = app.handler(json.load(open(sys.argv[1])), None)
assert answer.get("statusCode", 200) < 300, answer
"""
REFERENCE = "import boto3; boto3.client('dynamodb')"


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        layers = _layers(folder)
        plain = _without_awscrt(layers[0], folder / "plain")
        (folder / "aws").mkdir()
        _furnish(folder / "aws")
        with stub.running(folder / "aws") as url:
            for function, goal in GOALS.items():
                ratio = _ratio(function, layers, plain, url)
                yield Figure(_name(function), ratio, goal)


def _name(function: str) -> str:
    return "cold_start_ratio" if function == "rank" else f"cold_start_ratio_{function}"


def _ratio(function: str, layers: Sequence[Path], plain: Path, url: str) -> float:
    """Start by start in turn, so that both meet the same noise. The first ones warm the disk."""
    used = layers if function == "rank" else layers[:1]
    code = places.ROOT / "functions" / function
    event = places.ROOT / "events" / f"{function}.json"
    ours, theirs = [PYTHON, "-c", ANSWER, str(event)], [PYTHON, "-c", REFERENCE]
    pairs = [
        (_cpu(ours, [code, *used], url), _cpu(theirs, [plain], url)) for _ in range(1 + STARTS)
    ][1:]
    return statistics.median(a for a, _ in pairs) / statistics.median(b for _, b in pairs)


def _cpu(command: Sequence[str], path: Sequence[Path], url: str) -> float:
    started = _of_children()
    subprocess.run(command, env=_environment(path, url), check=True, stdout=subprocess.DEVNULL)
    return _of_children() - started


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _environment(path: Sequence[Path], url: str) -> dict[str, str]:
    return {
        **ENVIRONMENT,
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": url,
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "PYTHONDONTWRITEBYTECODE": "1",  # Lambda's folders are read-only
    }


def _layers(folder: Path) -> list[Path]:
    """As `sam build` left them; else made as it makes them."""
    built = [places.BUILD / name / "python" for name in LAYERS]
    if all(map(Path.exists, built)):
        return built
    return [_made(name, source, folder) for name, source in LAYERS.items()]


def _made(name: str, source: str, folder: Path) -> Path:
    scratch, made = folder / source, folder / name
    shutil.copytree(places.ROOT / "layers" / source, scratch)
    path = f"{places.PYTHON_WITH_PIP}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        ["make", "--silent", f"build-{name}", f"ARTIFACTS_DIR={made}"],
        cwd=scratch,
        env=os.environ | {"PATH": path},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return made / "python"


def _key() -> str:
    """That of the example of the authorizer."""
    event = msgspec.json.decode((places.ROOT / "events" / "authorize.json").read_bytes())
    return str(event["headers"]["Ocp-Apim-Subscription-Key"])


def _without_awscrt(layer: Path, plain: Path) -> Path:
    """boto3 imports it where it is there, and should not pay for it here."""
    plain.mkdir()
    for each in layer.iterdir():
        if "awscrt" not in each.name:
            (plain / each.name).symlink_to(each)
    return plain


def _furnish(aws: Path) -> None:
    """A model that has not learned anything costs as much to load as one that has."""
    pylibvw.vw(["--quiet", *DEFAULT_POLICY.split()]).save(str(aws / "object"))
    model = MemoryObjects().put("gen/model", (aws / "object").read_bytes())
    ref = ModelRef(1, model, bootstrap.now())
    head = Head(LOOP, 1, 1, ObjectRef("policy", "0" * 64), latest=ref, live=ref)
    parts = loop_items.dump(LOOP, LoopState(Configuration(), b"secret", head))
    key = key_items.dump_lookup(hash_key(_key()), Place(LOOP, Slot.FIRST))
    (aws / "Query").write_bytes(msgspec.json.encode({"Items": parts}))
    (aws / "GetItem").write_bytes(msgspec.json.encode({"Item": key}))
