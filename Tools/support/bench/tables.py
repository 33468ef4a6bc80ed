"""Numbers and tables in Markdown."""


def table(heads, rows, words=1):
    """A table whose first `words` columns are text; the others are numbers."""
    lines = [heads, ["---"] * words + ["---:"] * (len(heads) - words), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def number(value):
    """Three digits that count; `-` for none."""
    if value is None:
        return "-"
    if value >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}"


def share(value):
    return "-" if value is None else f"{100 * value:.1f} %"


def ratio(value):
    """The median of the rounds, the least and the greatest."""
    return f"**{value['median']:.2f}** ({value['least']:.2f} to {value['greatest']:.2f})"


def short_ratio(value):
    return f"{value['median']:.2f}"
