"""KMS signs: the private key is in nobody's hands, ours included."""

import hashlib
from typing import TYPE_CHECKING, Final

from personalizer.adapters.aws import Refused, calls

if TYPE_CHECKING:
    from mypy_boto3_kms.client import KMSClient

ALGORITHM: Final = "RSASSA_PKCS1_V1_5_SHA_512"
SIGNATURE_BYTES = 256
_INVALID = ("KMSInvalidSignatureException",)


class KmsSigner:
    def __init__(self, client: "KMSClient", key: str):
        self._client = client
        self._key = key

    def sign(self, data: bytes) -> bytes:
        with calls("sign"):
            return self._client.sign(
                KeyId=self._key,
                Message=_digest(data),
                MessageType="DIGEST",
                SigningAlgorithm=ALGORITHM,
            )["Signature"]

    def public_key(self) -> bytes:
        with calls("read signing key"):
            return self._client.get_public_key(KeyId=self._key)["PublicKey"]

    def signed(self, data: bytes, signature: bytes, public_key: bytes) -> bool:
        if len(signature) != SIGNATURE_BYTES or public_key != self.public_key():
            return False
        return self._verified(data, signature)

    def _verified(self, data: bytes, signature: bytes) -> bool:
        try:
            with calls("verify", passing=_INVALID):
                return self._client.verify(
                    KeyId=self._key,
                    Message=_digest(data),
                    MessageType="DIGEST",
                    Signature=signature,
                    SigningAlgorithm=ALGORITHM,
                )["SignatureValid"]
        except Refused:
            return False


def _digest(data: bytes) -> bytes:
    """KMS takes messages of four KiB, and digests of longer ones."""
    return hashlib.sha512(data).digest()
