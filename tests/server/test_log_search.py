"""The search box's language: what each form means, and that no input breaks it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.errors import QueryError
from argus.server.log_search import MAX_TERMS, Field, Term, parse


def text(value: str, *words: str, negated: bool = False, prefix: bool = False) -> Term:
    return Term(Field.TEXT, value, negated, prefix, words)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("", ()),
        ("   ", ()),
        ("payment failed", (text("payment", "payment"), text("failed", "failed"))),
        ('"payment failed"', (text("payment failed", "payment", "failed"),)),
        ("pay*", (text("pay*", "pay", prefix=True),)),
        ("-timeout", (text("timeout", "timeout", negated=True),)),
        ('-"timed out"', (text("timed out", "timed", "out", negated=True),)),
        ("level:error", (Term(Field.LEVEL, "ERROR"),)),
        ("level:Warning", (Term(Field.LEVEL, "WARN"),)),
        ("-level:debug", (Term(Field.LEVEL, "DEBUG", negated=True),)),
        ("logger:shop.pay", (Term(Field.LOGGER, "shop.pay"),)),
        ("logger:shop.*", (Term(Field.LOGGER, "shop.", prefix=True),)),
        ('logger:"shop.*"', (Term(Field.LOGGER, "shop.*"),)),
        ("host:web-1 app:shop", (Term(Field.HOST, "web-1"), Term(Field.APP, "shop"))),
        ("order=991", (Term(Field.METADATA, "991", key="order"),)),
        ('-user="Ann Lee"', (Term(Field.METADATA, "Ann Lee", negated=True, key="user"),)),
        ("http://shop/pay", (text("http://shop/pay", "http", "shop", "pay"),)),
        ("12:30:01", (text("12:30:01", "12", "30", "01"),)),
        ("snake_case", (text("snake_case", "snake_case"),)),
        ("payment - failed", (text("payment", "payment"), text("failed", "failed"))),
        ("ÆRLIG", (text("ÆRLIG", "ærlig"),)),
    ],
)
def test_what_each_form_means(search: str, expected: tuple[Term, ...]) -> None:
    assert parse(search) == expected


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ('failed "payment', "character 7"),
        ("level:loud", "unknown level 'loud' at character 1"),
        ("  !!! ", "no letter or digit"),
        ("pay \ud800", "character 5"),
        (" ".join(f"w{i}" for i in range(MAX_TERMS + 1)), f"at most {MAX_TERMS}"),
    ],
)
def test_a_wrong_search_says_what_and_where(search: str, said: str) -> None:
    with pytest.raises(QueryError, match=said) as refused:
        parse(search)
    assert refused.value.where == "q"


@given(st.text())
def test_any_text_is_a_search_or_refused(search: str) -> None:
    try:
        terms = parse(search)
    except QueryError:
        return
    assert bool(terms) == bool(search.strip())


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=5), st.booleans())
def test_quoting_words_makes_one_phrase_of_them(words: list[str], negated: bool) -> None:
    search = f'{"-" if negated else ""}"{" ".join(words)}"'
    assert parse(search) == (text(" ".join(words), *words, negated=negated),)
