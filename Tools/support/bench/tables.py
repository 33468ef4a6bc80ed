"""Results as Markdown."""


def table(heads, rows):
    lines = [heads, ["---"] + ["---:"] * (len(heads) - 1), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def micro(value):
    """Microseconds, to three digits."""
    return number(value)


def number(value):
    """Three digits that count; `-` for none."""
    if value is None:
        return "-"
    if value >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}" if value >= 0.01 or value == 0 else f"{value:.2f}"


def share(value):
    return "-" if value is None else f"{100 * value:.1f} %"


def ratio(value):
    """A ratio with the rounds it comes from."""
    return f"**{value['median']:.2f}** ({value['least']:.2f} to {value['greatest']:.2f})"
