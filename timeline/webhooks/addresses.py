"""Whether a delivery is for the channel that it came in on."""


def is_among(address: str, addresses: str) -> bool:
    """Tell whether the address is one of those, which stand with commas or blanks between.

    A channel without any takes every address.
    """
    ours = addresses.replace(",", " ").split()
    return not ours or address in ours
