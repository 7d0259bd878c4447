"""Who signed a model: by our own key, or by Azure's, whose certificate says whose it is."""

import hashlib
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from personalizer.errors import ModelRefused
from personalizer.usecases.models import archive


@dataclass(frozen=True, slots=True)
class Signer:
    """`fingerprint` is the SHA-256 of `signer.der`. A key alone has no name."""

    name: str
    fingerprint: str


def verified(data: bytes) -> tuple[bytes, Signer]:
    """The model in a signed zip, and who says so. Raises ModelRefused unless the signature is that
    of the signer in the zip: whether to believe that one is for a person to say."""
    parts = archive.unpacked(data)
    der, model = parts[archive.SIGNER], parts[archive.MODEL]
    key, name = _key(der)
    try:
        key.verify(parts[archive.SIGNATURE], model, padding.PKCS1v15(), hashes.SHA512())
    except InvalidSignature as error:
        raise ModelRefused("signature", "not that of the signer in the zip") from error
    return model, Signer(name, hashlib.sha256(der).hexdigest())


def _key(der: bytes) -> tuple[rsa.RSAPublicKey, str]:
    key: object
    try:
        certificate = x509.load_der_x509_certificate(der)
        key, name = certificate.public_key(), certificate.subject.rfc4514_string()
    except ValueError:
        key, name = _bare_key(der), "a key without a name"
    if not isinstance(key, rsa.RSAPublicKey):
        raise ModelRefused("signature", "not of an RSA key")
    return key, "".join(letter if letter.isprintable() else "?" for letter in name)


def _bare_key(der: bytes) -> object:
    try:
        return load_der_public_key(der)
    except ValueError as error:
        raise ModelRefused("signature", "signer.der is neither certificate nor key") from error
