"""The words that find a lead in the list's one box: names, company, mail, phone.

Pure. A phone is found in any notation, by its beginning (with or without + and country code) and by
its last digits, so its digits are kept forwards and, behind a mark of their own, backwards.
"""

import re
from collections.abc import Iterable

from leads.folding import fold, words_to_find, words_to_index

# Last digits worth looking for: fewer would find half of all leads.
_LAST_DIGITS = 4

_NOT_A_PHONE = re.compile(r"[^\d\s()+./-]")


def words_of_lead(names: Iterable[str], email: str, phones: Iterable[str]) -> list[str]:
    """Return the words to index a lead by."""
    words = [*words_to_index(*names), *_mail_words(email)]
    for digits in {_digits(phone) for phone in phones} - {""}:
        words += [digits, f"r{digits[::-1]}"]
    return list(dict.fromkeys(words))


def lead_query(text: str) -> str:
    """Return the tsquery for what was typed, or "" if nothing in it can be looked for.

    Every word must be found, each as the beginning of one of the lead's: while a name is typed,
    no word of it is known to be whole.
    """
    text = text.strip()[:200]
    digits = _digits(text)
    if digits and not _NOT_A_PHONE.search(text):
        return _phone_query(digits)
    if "@" in text:
        return _prefixes([_as_word(fold(text))])
    return _prefixes(list(words_to_find(text)))


def _phone_query(digits: str) -> str:
    # 00 is what many dial where + is meant; a national 0 stands in no international number.
    meant = {digits, digits.removeprefix("00"), digits.lstrip("0")} - {""}
    words = [*meant]
    if len(digits) >= _LAST_DIGITS:
        words += [f"r{number[::-1]}" for number in meant]
    return " | ".join(f"'{word}':*" for word in sorted(words))


def _mail_words(email: str) -> list[str]:
    whole = fold(email)
    domain = whole.partition("@")[2]
    parts = [whole, f"@{domain}"] if domain else []
    return [*map(_as_word, parts), *words_to_index(email)]


def _as_word(text: str) -> str:
    return re.sub(r"['\\\s]", "", text)


def _prefixes(words: list[str]) -> str:
    return " & ".join(f"'{word}':*" for word in words if word)


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", fold(phone))
