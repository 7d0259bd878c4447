"""A loop's model, through the API: out, in, back and away."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from personalizer.adapters.memory import MemorySigner
from personalizer.bootstrap import administration
from personalizer.usecases.models import archive
from tests import stack
from tests.factories import a_body, is_error_model
from tests.functions.conftest import Service, call
from tests.functions.owner import Answer, Owner
from tests.functions.test_story import teach
from tests.models import Forged

BYTES = "application/octet-stream"
BEFORE_IMPORTS = ["/v1.0", "/v1.1-preview.1", "/v1.1-preview.2"]
SINCE_IMPORTS = ["/v1.1-preview.3", ""]
VERSIONS = [*BEFORE_IMPORTS, *SINCE_IMPORTS]


@pytest.fixture
def taught(service: Service) -> Owner:
    """Of a loop with one generation, that is served at once."""
    loop = service.new_loop(model_export_ms=0)
    teach(service, loop)
    return Owner(service, loop)


@pytest.fixture
def new(service: Service, loop: str) -> Owner:
    """Of a loop without a model."""
    return Owner(service, loop)


def stored(owner: Owner) -> bytes:
    latest = owner.service.head(owner.loop).latest
    assert latest
    return owner.service.objects.get(latest.object)


def generation(owner: Owner) -> int:
    return owner.service.head(owner.loop).generation


# Out


@pytest.mark.parametrize("version", VERSIONS)
def test_a_loop_without_a_model_answers_with_nothing(new: Owner, version: str) -> None:
    answer = new("GET", f"{version}/model", accept=BYTES)
    assert (answer.status, answer.body, answer.encoded) == (200, b"", False)
    assert new("HEAD", f"{version}/model").status == 200
    assert new("GET", f"{version}/model/properties").json == {}
    assert new("GET", f"{version}/model/history").json == []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_model_comes_as_bytes(taught: Owner, version: str) -> None:
    answer = taught("GET", f"{version}/model", accept=BYTES)
    assert (answer.status, answer.encoded) == (200, True)
    assert answer.body == stored(taught)
    assert answer.headers["content-type"] == BYTES
    assert "filename=model.vw;" in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    "accept",
    [BYTES, "application/zip", f"{BYTES};q=0.9", f" {BYTES.upper()} , text/html", f"{BYTES},*/*"],
)
def test_who_asks_for_bytes_first_gets_them(taught: Owner, accept: str) -> None:
    assert taught("GET", "/model", accept=accept).encoded


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/json", f"application/json, {BYTES}", f"x{BYTES}"]
)
def test_anybody_else_is_shown_where_the_model_lies(taught: Owner, accept: str) -> None:
    answer = taught("GET", "/model", accept=accept)
    assert (answer.status, answer.body, answer.encoded) == (307, b"", False)
    assert linked(answer) == stored(taught)


def linked(answer: Answer) -> bytes:
    """What lies where the answer points to; the link is one that S3 will take for some minutes."""
    link = urlsplit(answer.headers["location"])
    query = parse_qs(link.query)
    assert link.scheme == "https"
    assert query["response-content-type"] == [BYTES]
    assert {"Signature", "X-Amz-Signature"} & set(query)
    bucket, _, key = f"{link.netloc.partition('.')[0]}{link.path}".partition("/")
    data: bytes = stack.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return data


@pytest.mark.parametrize("version", VERSIONS)
def test_a_head_has_the_times_and_no_model(taught: Owner, version: str) -> None:
    answer = taught("HEAD", f"{version}/model")
    assert (answer.status, answer.body) == (200, b"")
    latest = taught.service.head(taught.loop).latest
    assert latest
    assert parsedate_to_datetime(answer.headers["last-modified"]) == datetime.fromtimestamp(
        latest.made_at // 1000, UTC
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_properties_tell_the_first_models_time_and_this_ones(taught: Owner, version: str) -> None:
    teach(taught.service, taught.loop)
    times = taught("GET", f"{version}/model/properties").json
    assert set(times) == {"creationTime", "lastModifiedTime"}
    assert times["creationTime"] < times["lastModifiedTime"]


# Signed


@pytest.mark.parametrize("version", BEFORE_IMPORTS)
def test_versions_that_cannot_import_have_no_signed_models(taught: Owner, version: str) -> None:
    answer = taught("GET", f"{version}/model", accept=BYTES, query={"signed": "true"})
    assert answer.body == stored(taught)


@pytest.mark.parametrize("version", SINCE_IMPORTS)
@pytest.mark.parametrize("signed", ["true", "True"])
def test_a_signed_model_is_a_zip_of_three(taught: Owner, version: str, signed: str) -> None:
    answer = taught("GET", f"{version}/model", accept=BYTES, query={"signed": signed})
    parts = archive.unpacked(answer.body)
    assert parts["model.vw"] == stored(taught)
    assert "filename=model.vw.zip;" in answer.headers["content-disposition"]


@pytest.mark.parametrize("signed", ["false", "1", ""])
def test_a_model_is_not_signed_unless_asked(taught: Owner, signed: str) -> None:
    assert taught("GET", "/model", accept=BYTES, query={"signed": signed}).body == stored(taught)


def exported(owner: Owner) -> bytes:
    return owner("GET", "/model", accept=BYTES, query={"signed": "true"}).body


# In


@pytest.mark.parametrize("version", SINCE_IMPORTS)
def test_one_loops_model_ranks_for_another(taught: Owner, new: Owner, version: str) -> None:
    answer = new("PUT", f"{version}/model", exported(taught))
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["x-personalizer-generation"] == "1"
    assert new("GET", "/model", accept=BYTES).body == stored(taught)
    ranked = new.service("rank", call("rank", new.loop, a_body()))
    assert (ranked["statusCode"], ranked["headers"]["X-Personalizer-Generation"]) == (201, "1")


def test_a_loop_goes_on_learning_from_an_imported_model(taught: Owner, new: Owner) -> None:
    new("PUT", "/model", exported(taught))
    teach(new.service, new.loop)
    (learned, imported) = new("GET", "/model/history").json
    assert (learned["source"], learned["base"], learned["learned"]) == ("learned", 1, 1)
    assert (imported["source"], imported["learned"]) == ("imported", 0)


@pytest.mark.parametrize("version", BEFORE_IMPORTS)
def test_versions_before_imports_have_none(taught: Owner, version: str) -> None:
    before = taught.service.head(taught.loop)
    answer = taught("PUT", f"{version}/model", exported(taught))
    assert answer.refusal == (404, "ResourceNotFound")
    assert taught.service.head(taught.loop) == before


def signed(model: bytes) -> bytes:
    """By this very deployment, whatever it is."""
    return archive.signed(model, administration.signer())


def bomb(model: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(archive.MODEL, bytes(archive.MAX_SIZES[archive.MODEL] + 1))
        file.writestr(archive.SIGNER, b"")
        file.writestr(archive.SIGNATURE, b"")
    return packed.getvalue()


def changed_after_signing(model: bytes) -> bytes:
    parts = archive.unpacked(signed(model)) | {archive.MODEL: model[:-1] + b"\x7f"}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return packed.getvalue()


HOSTILE: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "nothing": ("Format", lambda model: b""),
    "garbage": ("Format", lambda model: b"\x00garbage\xff" * 99),
    "text": ("Format", lambda model: b'{"model":1}'),
    "half a zip": ("Format", lambda model: signed(model)[:-200]),
    "a model without a signature": ("Format", lambda model: model),
    "a bomb": ("Format", bomb),
    "another deployment's": ("Signature", lambda model: archive.signed(model, MemorySigner("b"))),
    "changed after it was signed": ("Signature", changed_after_signing),
    "signed garbage": ("Format", lambda model: signed(b"garbage")),
    "no model, signed": ("Format", lambda model: signed(b"")),
    "half a model, signed": ("Format", lambda model: signed(model[:60])),
    "a daemon, signed": ("Format", lambda m: signed(Forged.of(m).with_options("--daemon"))),
    "a file, signed": (
        "Format",
        lambda m: signed(Forged.of(m).with_options("--final_regressor /tmp/written")),
    ),
    "a wrong checksum, signed": ("Format", lambda m: signed(Forged.of(m).changed(checksum=1))),
    "too many bits, signed": ("Format", lambda m: signed(Forged.of(m).changed(bits=31))),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_model_of_ours_is_refused_and_changes_nothing(taught: Owner, name: str) -> None:
    kind, make = HOSTILE[name]
    before = taught.service.head(taught.loop)
    answer = taught("PUT", "/v1.1-preview.3/model", make(stored(taught)))
    assert answer.refusal == (400, f"InvalidModelImport{kind}")
    assert is_error_model(answer.json)
    assert taught.service.head(taught.loop) == before


# Away


@pytest.mark.parametrize("version", VERSIONS)
def test_a_deleted_model_is_gone_for_all_and_in_the_history(taught: Owner, version: str) -> None:
    assert taught("DELETE", f"{version}/model").status == 204
    answer = taught("GET", f"{version}/model", accept=BYTES)
    assert (answer.status, answer.body) == (200, b"")
    assert taught("GET", f"{version}/model/properties").json == {}
    ranked = taught.service("rank", call("rank", taught.loop, a_body()))
    assert ranked["statusCode"] == 201
    assert len(taught("GET", f"{version}/model/history").json) == 1


# Back


@pytest.mark.parametrize("version", VERSIONS)
def test_an_earlier_model_comes_back_to_the_byte(taught: Owner, version: str) -> None:
    first = stored(taught)
    teach(taught.service, taught.loop, reward=-1)
    assert stored(taught) != first
    answer = taught("POST", f"{version}/model/history/1/restore")
    assert (answer.status, answer.headers["x-personalizer-generation"]) == (204, "3")
    assert taught("GET", f"{version}/model", accept=BYTES).body == first


def test_the_history_tells_what_models_were_and_where_they_came_from(taught: Owner) -> None:
    teach(taught.service, taught.loop)
    taught("POST", "/model/history/1/restore")
    told = taught("GET", "/model/history").json
    assert [(each["generation"], each["source"], each["base"]) for each in told] == [
        (3, "restored", 1),
        (2, "learned", 1),
        (1, "learned", None),
    ]
    assert told[0]["sha256"] == told[2]["sha256"]
    earlier = taught("GET", "/model/history", query={"before": "3"}).json
    assert [each["generation"] for each in earlier] == [2, 1]


@pytest.mark.parametrize("wanted", ["0", "2", "-1", "x", "1.0", "%31", "9" * 13, "\u0661"])
def test_a_generation_that_never_was_is_not_found(taught: Owner, wanted: str) -> None:
    before = generation(taught)
    answer = taught("POST", f"/model/history/{wanted}/restore")
    assert answer.refusal == (404, "ResourceNotFound")
    assert generation(taught) == before


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 13])
def test_a_page_before_no_generation_is_not_found(taught: Owner, before: str) -> None:
    answer = taught("GET", "/model/history", query={"before": before})
    assert answer.refusal == (404, "ResourceNotFound")


def test_a_model_that_was_taught_other_costs_is_not_restored(taught: Owner) -> None:
    configure = b'{"rewardWaitTime":"PT10M","defaultReward":0,"rewardAggregation":"earliest",'
    configure += b'"explorationPercentage":0.2,"modelExportFrequency":"PT0S",'
    configure += b'"logRetentionDays":90,"modelRetrainDays":0,"costOffset":0}'
    assert taught("PUT", "/configurations/service", configure).status == 200
    answer = taught("POST", "/model/history/1/restore")
    assert answer.refusal == (400, "InvalidModelMetadata")
