"""Reading JSON that a stranger sent."""

from collections.abc import Callable

import msgspec

from personalizer.wire.errors import refused

MAX_BODY = 1024 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def decode[T](decoder: Callable[[bytes], T], body: bytes, code: str) -> T:
    """The body as the decoder's type; whatever is wrong with it is refused with this code.

    NaN, infinities, lone surrogates and broken UTF-8 are not JSON. Unknown fields are ignored.
    """
    if len(body) > MAX_BODY:
        raise refused("PayloadSizeExceeded")
    try:
        return decoder(body.removeprefix(_BYTE_ORDER_MARK))
    except msgspec.ValidationError as error:
        raise refused(code, code, str(error)) from error
    except (ValueError, RecursionError) as error:
        raise refused("BadRequest", "MalformedJson", "The body is not valid JSON.") from error
