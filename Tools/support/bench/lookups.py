"""Look-ups of one kind, measured by the number of things that are looked among."""

from .figures import Rounds
from .tables import number


def result(rounds, asked, sizes):
    """What a suite returns of rounds, each of which has nanoseconds by row (`few 10000`)."""
    measured = Rounds()
    for figures in rounds:
        for row, nanoseconds in figures.items():
            measured.add(row, {"nanoseconds": nanoseconds})
    ratios = {
        f"{kind} {size}": measured.ratio(f"{kind} {size}", f"{kind} {sizes[0]}", "nanoseconds")
        for kind in asked for size in sizes[1:]
    }
    return {"seconds": 0, "medians": measured.medians(), "ratios": ratios, "rounds_measured": measured.rows}


def rows(result, asked, sizes):
    """A row of a table for each kind: the median for each size, with its ratio to that for the first."""
    found = []
    for kind, words in asked.items():
        row = [words]
        for size in sizes:
            row.append(number(result["medians"][f"{kind} {size}"]["nanoseconds"]))
            if size != sizes[0]:
                ratio = result["ratios"][f"{kind} {size}"]
                row[-1] += f" (**{ratio['median']:.2f}**, {ratio['least']:.2f} to {ratio['greatest']:.2f})"
        found.append(row)
    return found
