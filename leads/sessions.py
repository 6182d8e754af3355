"""Sessions in the database, as Django keeps them, read by a prepared statement (SESSION_ENGINE)."""

from typing import Any

from django.contrib.sessions.backends import db

from leads import prepared

SESSION = """
    SELECT session_data FROM django_session
    WHERE session_key = %(key)s AND expire_date > now()
"""


class SessionStore(db.SessionStore):
    """Django's own but for how it is loaded, which every page does."""

    def load(self) -> dict[str, Any]:
        key = self.session_key
        # What a cookie says may be anything; no key has a NUL.
        row = prepared.fetch_one(SESSION, {"key": key}) if key and "\0" not in key else None
        if row is None:
            self._session_key = None
            return {}
        session: dict[str, Any] = self.decode(row[0])
        return session
