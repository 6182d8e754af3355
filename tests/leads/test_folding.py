"""Words as they are searched, in any script."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.folding import (
    WORD_LIMIT,
    WORDS_LIMIT,
    fold,
    mark,
    tsquery,
    words_to_find,
    words_to_index,
)


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("¿Cuánto CUESTA la instalación?", "instalacion cuanto"),
        ("Straße nach Köln", "STRASSE koln"),
        ("ＡＢＣ full width", "abc"),
        ("كم السِّعر؟ أريد الأسعار", "السعر اريد"),
        ("कितना ख़र्च होगा", "खर्च"),
        ("产品价格是多少", "价格"),
        ("产品价格是多少", "少"),
        ("ราคาเท่าไร", "เทาไร"),
        ("料金はいくらですか", "いくら"),
        ("o'brien, maria@example.com", "maria example"),
        ("iPhone15价格", "iphone15"),
        ("가격이 얼마예요", "가격이"),
        ("a quick note", "quick no"),
    ],
)
def test_what_was_written_is_found_by_what_is_typed(written: str, typed: str) -> None:
    indexed = words_to_index(written)
    *whole, beginning = words_to_find(typed)
    assert set(whole) <= set(indexed)
    assert any(word.startswith(beginning) for word in indexed)


@given(st.text(st.characters(max_codepoint=127), max_size=300))
def test_texts_of_ascii_are_cut_alike_by_bytes_and_by_characters(text: str) -> None:
    words = re.findall("[a-z0-9]+", fold(text))
    each_once = list(dict.fromkeys(word[:WORD_LIMIT] for word in words))
    assert words_to_index(text) == words_to_index(text, "", text) == each_once


def test_of_a_long_word_the_beginning_is_kept() -> None:
    assert words_to_index("a" * (WORD_LIMIT + 1), "A" * (WORD_LIMIT + 2)) == ["a" * WORD_LIMIT]


def test_of_more_words_than_a_vector_holds_the_first_are_kept() -> None:
    texts = [f"{number:0100}" for number in range(10_486)]
    words = words_to_index(*texts)
    assert words == texts[:10_485]
    assert sum(map(len, words)) <= WORDS_LIMIT < sum(map(len, texts))
    assert words_to_index(*texts[:10_485], "a") == [*words, "a"]


def test_indic_vowel_signs_tell_words_apart() -> None:
    assert fold("की") != fold("कु")


@pytest.mark.parametrize(
    ("text", "typed", "hits"),
    [
        ("¿Cuánto CUESTA la instalación?", "cuanto inst", ["Cuánto", "instalación"]),
        ("产品价格是多少", "价格", ["价格"]),
        ("产品价格是多少", "格", ["格"]),
        ("ราคาเท่าไร", "เทาไร", ["เท่าไร"]),
        ("nothing here", "else", []),
        ("", "x", []),
    ],
)
def test_hits_are_marked_where_they_stand(text: str, typed: str, hits: list[str]) -> None:
    pieces = mark(text, words_to_find(typed))
    assert [piece for piece, is_hit in pieces if is_hit] == hits
    assert "".join(piece for piece, _ in pieces) == text


@given(st.text(max_size=200), st.text(max_size=20))
def test_marking_never_loses_a_character(text: str, typed: str) -> None:
    assert "".join(piece for piece, _ in mark(text, words_to_find(typed))) == text


@given(st.text(max_size=100))
def test_a_text_is_found_by_itself(text: str) -> None:
    assert set(words_to_find(text)) <= set(words_to_index(text))


@given(st.text(min_size=1, max_size=50))
def test_no_text_breaks_out_of_a_query(text: str) -> None:
    words = words_to_find(text)
    assert all(not set(word) & set("'\\&|!():* \0") for word in words)
    if words:
        assert tsquery(words).count("'") == 2 * len(words)
