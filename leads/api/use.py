"""One request's use of its key: counted, held to the key's rate, told, and written down."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from leads.access import Grant
from leads.api.rates import rate_of
from leads.authentication import address_of
from leads.usage import count, note_use

_USE = "leadline.use"


class Use:
    """What was counted when it was made."""

    @classmethod
    def of(cls, grant: Grant, request: HttpRequest) -> Use:
        """Return the request's use, once its key is known: counted once, however often asked for.

        A request may be looked at more than once: in short first, or by a replica that then fails.
        """
        use: Use | None = request.META.get(_USE)
        if use is None:
            use = request.META[_USE] = cls(grant, request)
        return use

    def __init__(self, grant: Grant, request: HttpRequest) -> None:
        self._grant = grant
        self._request = request
        self._counted = count(grant)
        self.rate = rate_of(grant, self._counted)

    def tell(self, response: HttpResponseBase) -> None:
        """Write on the answer where the key stands."""
        response.headers["RateLimit-Limit"] = str(self.rate.limit)
        response.headers["RateLimit-Remaining"] = str(self.rate.remaining)
        response.headers["RateLimit-Reset"] = str(self.rate.reset)

    def note(self) -> None:
        """Write it down, if it is time to. For after the answer."""
        note_use(self._grant, self._counted, address_of(self._request))
