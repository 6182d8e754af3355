"""Phone numbers in one notation, by Google's libphonenumber."""

import phonenumbers


def to_e164(phone: str, region: str = "") -> str:
    """Return the number as E.164 (``+56912345678``), or "" when it cannot be one.

    `region` is the ISO 3166 country (``CL``) that a number without its country code is read in.
    Numbers that are possible but not in use are kept: numbering plans change faster than libraries.
    """
    try:
        number = phonenumbers.parse(phone, region or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
