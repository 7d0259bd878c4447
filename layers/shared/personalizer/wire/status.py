"""Status: what WordPress's ClassifAI, among others, asks to see whether a key works."""

import msgspec


def response() -> bytes:
    return msgspec.json.encode(
        {"service": "Personalizer", "apiStatus": "Valid", "apiStatusMessage": "OK"}
    )
