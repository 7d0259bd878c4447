"""What every signer of models promises."""

import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from personalizer.adapters.kms import SIGNATURE_BYTES, KmsSigner
from personalizer.adapters.memory import MemorySigner
from personalizer.errors import ServiceUnavailable
from personalizer.ports import Signer
from tests import stack
from tests.template.cloudformation import Template

DATA = b"a model" * 1000


@pytest.fixture(scope="module")
def kms(aws: None) -> Any:
    return stack.client("kms")


@pytest.fixture(params=["memory", "kms"])
def signers(request: pytest.FixtureRequest, template: Template, kms: Any) -> list[Signer]:
    """Two that have nothing to do with each other."""
    if request.param == "memory":
        return [MemorySigner("one"), MemorySigner("two")]
    return [KmsSigner(kms, stack.make_signing_key(template)) for _ in range(2)]


@pytest.fixture
def signer(signers: list[Signer]) -> Signer:
    return signers[0]


def test_its_signature_is_known_again(signer: Signer) -> None:
    assert signer.signed(DATA, signer.sign(DATA), signer.public_key())


def test_a_signature_has_the_length_of_the_key(signer: Signer) -> None:
    assert len(signer.sign(DATA)) == SIGNATURE_BYTES


def test_the_same_is_signed_the_same(signer: Signer) -> None:
    assert signer.sign(DATA) == signer.sign(DATA)


@pytest.mark.parametrize("other", [DATA + b"\0", DATA[:-1], b""])
def test_other_data_is_not_signed(signer: Signer, other: bytes) -> None:
    assert not signer.signed(other, signer.sign(DATA), signer.public_key())


@pytest.mark.parametrize("length", [0, 1, SIGNATURE_BYTES - 1, SIGNATURE_BYTES + 1])
def test_what_is_no_signature_signs_nothing(signer: Signer, length: int) -> None:
    odd = (signer.sign(DATA) * 2)[:length]
    assert not signer.signed(DATA, odd, signer.public_key())


def test_a_signature_of_zeros_signs_nothing(signer: Signer) -> None:
    assert not signer.signed(DATA, bytes(SIGNATURE_BYTES), signer.public_key())


def test_another_signer_is_not_believed(signers: list[Signer]) -> None:
    ours, other = signers
    signature = other.sign(DATA)
    assert not ours.signed(DATA, signature, other.public_key())
    assert not ours.signed(DATA, signature, ours.public_key())


def test_the_key_is_one_that_others_can_read(template: Template, kms: Any) -> None:
    signer = KmsSigner(kms, stack.make_signing_key(template))
    key = load_der_public_key(signer.public_key())
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == 2048
    # moto hashes what it gets once more, even if that is a digest; the end-to-end tests do without.
    digest = hashlib.sha512(DATA).digest()
    key.verify(signer.sign(DATA), digest, padding.PKCS1v15(), hashes.SHA512())


def test_a_key_that_is_gone_is_a_fault_and_no_opinion(kms: Any) -> None:
    with pytest.raises(ServiceUnavailable):
        KmsSigner(kms, "00000000-0000-0000-0000-000000000000").sign(DATA)
