"""Whether a call connected, told from how it ended. Pure.

Providers have words of their own for it: `call_status` says where a call is, `disconnection_reason`
why it came to an end.
"""

_UNCONNECTED = {"missed", "not_connected", "no_answer", "no-answer", "busy", "failed", "canceled"}

# In English: what the API says.
_REASONS = {
    "dial_no_answer": "No answer",
    "dial_busy": "Busy",
    "dial_failed": "Did not connect",
    "no_answer": "No answer",
    "no-answer": "No answer",
    "missed": "No answer",
    "busy": "Busy",
    "failed": "Did not connect",
    "canceled": "Canceled",
    "not_connected": "Not connected",
}


def is_voicemail(call_status: str, reason: str) -> bool:
    return "voicemail" in call_status + reason


def has_connected(call_status: str, reason: str) -> bool:
    """Tell whether people, or an agent, spoke: not so on a mailbox."""
    return call_status not in _UNCONNECTED and not is_voicemail(call_status, reason)


def missed_because(call_status: str, reason: str) -> str:
    """Return why a call did not connect, in English words; "" for one that did."""
    if has_connected(call_status, reason) or is_voicemail(call_status, reason):
        return ""
    return _REASONS.get(reason) or _REASONS[call_status]
