"""A model that travels: a zip with its bytes, their signature, and who signed.

As Azure Personalizer writes it: the model, the DER of the signer, and 256 bytes of signature.
"""

import io
import zipfile
import zlib

from personalizer.errors import ModelRefused
from personalizer.ports import Signer

NAME = "model.vw.zip"
MODEL, SIGNER, SIGNATURE = "model.vw", "signer.der", "sha512_signature.bin"
MAX_SIZES = {MODEL: 64 * 1024 * 1024, SIGNER: 16 * 1024, SIGNATURE: 256}

_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError)
_ALWAYS = (1980, 1, 1, 0, 0, 0)
"""The same model makes the same file."""


def signed(model: bytes, signer: Signer) -> bytes:
    """The model, ready to travel."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        _add(archive, MODEL, model)
        _add(archive, SIGNER, signer.public_key())
        _add(archive, SIGNATURE, signer.sign(model))
    return packed.getvalue()


def opened(data: bytes, signer: Signer) -> bytes:
    """The model, if it is our own. Raises ModelRefused."""
    parts = unpacked(data)
    if not signer.signed(parts[MODEL], parts[SIGNATURE], parts[SIGNER]):
        raise ModelRefused("signature", "not signed by this deployment")
    return parts[MODEL]


def unpacked(data: bytes) -> dict[str, bytes]:
    """The three parts; whose signature it is, remains to be seen. Raises ModelRefused."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if sorted(entry.filename for entry in entries) != sorted(MAX_SIZES):
                raise ModelRefused("archive", f"it must hold {', '.join(MAX_SIZES)}, nothing else")
            return {entry.filename: _read(archive, entry) for entry in entries}
    except (*_BROKEN, ValueError) as error:
        raise ModelRefused("archive", f"not a zip: {error}") from error


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Never more than was announced, so that a bomb does not go off.

    Asked for no size, zipfile would inflate up to a gigabyte before it looks at what was announced.
    """
    if entry.file_size > MAX_SIZES[entry.filename] or entry.compress_type not in _PACKED:
        raise ModelRefused("archive", f"{entry.filename} is too large, or oddly packed")
    with archive.open(entry) as part:
        return part.read(entry.file_size)


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _ALWAYS), data, zipfile.ZIP_DEFLATED)
