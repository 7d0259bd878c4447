"""`models`: models out, in and back from the command line, and what a person is told of them."""

import datetime as dt
import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner, Result

from cli import models
from cli.account import Account
from personalizer import bootstrap
from personalizer.adapters.vw import VwEngine
from personalizer.domain.loop import Configuration
from personalizer.usecases import provision
from personalizer.usecases.models import archive
from personalizer.usecases.training import Training
from tests import stack
from tests.factories import a_joined, an_arrival
from tests.models import Forged
from tests.template.cloudformation import Template

NAMES = ("LOOPS_TABLE", "DATA_BUCKET", "QUARANTINE_BUCKET", "MODEL_SIGNING_KEY")


class Stack:
    """One in this process, whose loop has learned two decisions in two generations."""

    def __init__(self, template: Template):
        made = stack.make(template)
        self.environment = {name: made[name] for name in NAMES}
        self.account = Account(self.environment)
        settings = Configuration(model_export_ms=0)
        provision.create_loop(self.account.loops, self.account.objects, "default", settings)
        engine = VwEngine()
        training = Training(
            self.account.loops,
            self.account.objects,
            self.account.quarantine,
            engine,
            bootstrap.now,
            bootstrap.new_uid,
        )
        for number in (1, 2):
            training([an_arrival(a_joined(number), number)])
        engine.close()

    def __call__(self, command: str, *arguments: str, loop: str = "default") -> Result:
        return CliRunner().invoke(
            models.app, [command, "--loop", loop, *arguments], env=self.environment
        )

    @property
    def generation(self) -> int:
        return self.account.loops.state("default", consistent=True).head.generation


@pytest.fixture
def deployed(template: Template, aws: None) -> Stack:
    return Stack(template)


@pytest.fixture
def bare(deployed: Stack, tmp_path: Path) -> Path:
    """The loop's model as a file."""
    file = tmp_path / "model.vw"
    assert deployed("export", "--to", f"{file}").exit_code == 0
    return file


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def spki(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def certificate(key: rsa.RSAPrivateKey, name: str = "personalizer.azure.com") -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    day = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    built = x509.CertificateBuilder(
        subject, subject, key.public_key(), x509.random_serial_number(), day, day + dt.timedelta(9)
    )
    return built.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def signed(model: bytes, key: rsa.RSAPrivateKey, signer: bytes) -> bytes:
    """As Azure does it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("model.vw", model)
        file.writestr("signer.der", signer)
        file.writestr("sha512_signature.bin", key.sign(model, padding.PKCS1v15(), hashes.SHA512()))
    return packed.getvalue()


def test_a_model_goes_out_and_in_again(deployed: Stack, bare: Path) -> None:
    done = deployed("import", f"{bare}")
    assert done.exit_code == 0
    assert "generation 3" in done.stdout
    latest = deployed.account.loops.state("default").head.latest
    assert latest
    assert deployed.account.objects.get(latest.object) == bare.read_bytes()


def test_a_signed_model_is_one_that_this_deployment_takes(deployed: Stack, tmp_path: Path) -> None:
    file = tmp_path / "model.vw.zip"
    assert deployed("export", "--signed", "--to", f"{file}").exit_code == 0
    assert archive.opened(file.read_bytes(), deployed.account.signer).startswith(b"\x07\0\0\0009.")


@pytest.mark.parametrize("form", [spki, certificate])
def test_a_foreign_signature_is_verified_and_its_signer_told(
    deployed: Stack, bare: Path, key: rsa.RSAPrivateKey, form: object
) -> None:
    assert callable(form)
    der = form(key)
    bare.write_bytes(signed(bare.read_bytes(), key, der))
    done = deployed("import", f"{bare}", "--signed-by", hashlib.sha256(der).hexdigest().upper())
    assert done.exit_code == 0
    assert hashlib.sha256(der).hexdigest() in done.stdout
    assert ("CN=personalizer.azure.com" in done.stdout) is (form is certificate)


def test_a_name_cannot_command_the_terminal(
    deployed: Stack, bare: Path, key: rsa.RSAPrivateKey
) -> None:
    bare.write_bytes(signed(bare.read_bytes(), key, certificate(key, "\x1b[2J")))
    assert "\x1b" not in deployed("import", f"{bare}").stdout


@pytest.mark.parametrize(
    "odd",
    [
        lambda model, key: signed(model, rsa.generate_private_key(65537, 2048), spki(key)),
        lambda model, key: signed(model, key, b"nobody"),
        lambda model, key: signed(model, key, spki(ec.generate_private_key(ec.SECP256R1()))),
        lambda model, key: signed(b"not a model", key, spki(key)),
        lambda model, key: signed(model, key, spki(key))[:-200],
        lambda model, key: Forged.of(model).with_options("--daemon"),
        lambda model, key: model[:40],
        lambda model, key: b"",
    ],
)
def test_what_cannot_be_trusted_is_told_in_one_line_and_changes_nothing(
    deployed: Stack, bare: Path, key: rsa.RSAPrivateKey, odd: object
) -> None:
    assert callable(odd)
    bare.write_bytes(odd(bare.read_bytes(), key))
    done = deployed("import", f"{bare}")
    assert (done.exit_code, deployed.generation) == (1, 2)
    assert done.stderr.count("\n") == 1


def test_another_signer_than_the_trusted_one_is_refused(
    deployed: Stack, bare: Path, key: rsa.RSAPrivateKey
) -> None:
    assert deployed("import", f"{bare}", "--signed-by", "0" * 64).exit_code == 1
    bare.write_bytes(signed(bare.read_bytes(), key, spki(key)))
    assert deployed("import", f"{bare}", "--signed-by", "0" * 64).exit_code == 1
    assert deployed.generation == 2


def test_a_loop_goes_back_and_its_history_says_so(deployed: Stack) -> None:
    assert "as generation 3" in deployed("rollback", "1").stdout
    first_words = [line.split()[0] for line in deployed("history").stdout.splitlines()[::2]]
    assert first_words == ["3", "2", "1"]
    assert "restored from 1" in deployed("history", "--size", "1").stdout
    assert "learned 1" in deployed("history", "--before", "2").stdout


def test_a_generation_that_never_was_is_told_in_one_line(deployed: Stack) -> None:
    done = deployed("rollback", "7")
    assert (done.exit_code, done.stderr) == (1, "✗ there is no generation 7\n")


def test_a_models_times_are_shown(deployed: Stack) -> None:
    created, modified = deployed("properties").stdout.splitlines()
    assert created.startswith("created   2")
    assert modified.startswith("modified  2")


def test_a_loop_without_a_model_has_nothing_to_show(deployed: Stack, tmp_path: Path) -> None:
    account = deployed.account
    provision.create_loop(account.loops, account.objects, "young", Configuration())
    assert "no model yet" in deployed("properties", loop="young").stdout
    assert deployed("history", loop="young").stdout == ""
    assert deployed("export", "--to", f"{tmp_path / 'none'}", loop="young").exit_code == 1
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("command", ["properties", "history"])
def test_a_loop_that_is_not_there_is_told_in_one_line(deployed: Stack, command: str) -> None:
    done = deployed(command, loop="nobody")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "nobody" in done.stderr
