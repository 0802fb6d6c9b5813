"""The exception with which a task says that a service limits it. Loaded on first use."""

import re
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

_REMAINING = ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining")
_RESET = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")


class RateLimited(Exception):
    """Ends a call whose service has limited it. The attempt is not charged and runs again.

    ``retry_after`` is the time to wait, in seconds; by default, it doubles from one second.
    """

    dl_jobs_class = "limited"

    def __init__(
        self,
        retry_after: "Optional[float]" = None,
        message: str = "the service limits requests",
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def check_rate(response: "Any") -> "Any":
    """Returns a response, unless it says that the service limits requests.

    Accepts responses of ``requests``, ``httpx``, ``urllib`` (also its ``HTTPError``) and
    ``aiohttp``. Raises RateLimited for the status 429, for 503 with ``Retry-After``, and for another
    error whose headers say that no request is left.
    """
    status = _status_of(response)
    headers = {str(name).lower(): str(value) for name, value in response.headers.items()}
    after, policy = headers.get("retry-after"), headers.get("ratelimit", "")
    remaining = _first(headers, _REMAINING)
    is_exhausted = remaining == 0 or re.search(r"\b(?:r|remaining)=0\b", policy) is not None
    is_limited = status == 429 or (status == 503 and after is not None)
    if not is_limited and not (status >= 400 and is_exhausted):
        return response
    wait = _seconds_of(after)
    if wait is None:
        wait = _reset_of(headers, policy)
    raise RateLimited(wait, "the service limits requests (status %d)" % status)


def _status_of(response: "Any") -> int:
    for name in ("status_code", "status", "code"):
        status = getattr(response, name, None)
        if isinstance(status, int):
            return int(status)
    raise TypeError("check_rate() needs a response with a status, not %r" % (response,))


def _reset_of(headers: "Any", policy: str) -> "Optional[float]":
    reset = _first(headers, _RESET)
    if reset is None:
        found = re.search(r"\b(?:t|reset)=(\d+)", policy)
        reset = float(found.group(1)) if found else None
    # A large number is a time since 1970, in seconds or in milliseconds.
    if reset is not None and reset > 1e12:
        return max(0.0, reset / 1000 - time.time())
    return max(0.0, reset - time.time()) if reset is not None and reset > 1e9 else reset


def _first(headers: "Any", names: "Any") -> "Optional[float]":
    found = [_number_of(headers.get(name)) for name in names]
    return next((one for one in found if one is not None), None)


def _seconds_of(text: "Optional[str]") -> "Optional[float]":
    """Parses Retry-After: seconds, or a date."""
    if text is None:
        return None
    number = _number_of(text)
    if number is not None:
        return number
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def _number_of(text: "Optional[str]") -> "Optional[float]":
    return float(text) if text and re.match(r"\s*\d+(\.\d+)?\s*$", text) else None
