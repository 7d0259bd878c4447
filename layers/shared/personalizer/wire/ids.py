"""Ids of events and actions: any text of 1 to 256 characters."""

from personalizer.wire.errors import refused

MAX_ID = 256


def checked(text: str, code: str, empty: str) -> str:
    """The id, or a refusal with `code`; `empty` is the contract's name for an id of no length."""
    if not text:
        raise refused(code, empty)
    if len(text) > MAX_ID:
        raise refused(code, "IdTooLong", f"Ids should have at most {MAX_ID} characters.")
    return text
