"""A balance sheet as text."""


def lines(balances):
    width = max((len(a) for a in balances), default=0)
    return [f"{a:<{width}} {c / 100:>10.2f}" for a, c in sorted(balances.items())]
