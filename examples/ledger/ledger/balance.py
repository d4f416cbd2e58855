"""Balances of accounts from a list of postings."""


def balances(postings):
    """{account: cents} of (debit account, credit account, cents) postings."""
    result = {}
    for debit, credit, cents in postings:
        if cents <= 0:
            raise ValueError(f"a posting of {cents} cents")
        result[debit] = result.get(debit, 0) - cents
        result[credit] = result.get(credit, 0) + cents
    return result
