import pytest

from ledger.balance import balances


def test_what_one_account_gives_another_gets():
    assert balances([("cash", "rent", 500)]) == {"cash": -500, "rent": 500}


def test_all_balances_sum_up_to_nothing():
    postings = [("a", "b", 3), ("b", "c", 2), ("c", "a", 1)]
    assert sum(balances(postings).values()) == 0


def test_a_posting_of_nothing_is_refused():
    with pytest.raises(ValueError):
        balances([("a", "b", 0)])
