"""Phone numbers in one notation, by Google's libphonenumber."""

import phonenumbers

# A plus and 15 digits; some numbering plans that libphonenumber knows allow more within a country.
_MAX_LENGTH = 16


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
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return e164 if len(e164) <= _MAX_LENGTH else ""


def without_country(e164: str) -> str:
    """Return the digits of an E.164 number as they are dialled within its country, or ""."""
    if not e164:
        return ""
    return phonenumbers.national_significant_number(phonenumbers.parse(e164))
