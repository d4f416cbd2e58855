import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))

from report import lines


def test_accounts_stand_in_a_column():
    assert lines({"rent": 500, "cash": -500}) == ["cash      -5.00", "rent       5.00"]


def test_nothing_gives_no_lines():
    assert lines({}) == []
