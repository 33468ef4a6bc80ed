"""The result of the suite `namenode` in Markdown."""

from .namenode import CLIENTS, OPERATIONS, STATES, row_name
from .tables import number, share, short_ratio, table

ARMS = {
    "none": "no provider",
    "nothing": "a provider that does nothing",
    "unprotected": "ours, a path that nothing covers",
    "covered": "ours, a covered path",
}
SERVICE = {"running": "", "uncached": "; service without its cache", "stopped": "; service stopped"}
AGAIN = "no provider, measured again"
FIGURES = {
    "per_second": "per second",
    "p50_us": "p50",
    "p99_us": "p99",
    "p999_us": "p99.9",
    "namenode_cpu_us": "NameNode CPU",
}
# Of these the least and the greatest round are shown, too.
WITH_RANGE = ("p50_us", "namenode_cpu_us")
# What the words say something about: operation, state, arm.
STATED = (
    ("open", "running", "unprotected"),
    ("stat", "running", "unprotected"),
    ("list", "running", "unprotected"),
    ("open", "running", "covered"),
    ("stat", "running", "covered"),
    ("list", "running", "covered"),
    ("open", "uncached", "covered"),
    ("open", "stopped", "unprotected"),
    ("open", "stopped", "covered"),
)


def markdown(result):
    parts = [
        f"Hadoop {result['hadoop']}. What ours costs, each time compared with no provider in the same rounds:",
        _in_words(result),
        "In brackets, the ratio to no provider: the median of the rounds and, of some, the least and the greatest.",
    ]
    for operation in OPERATIONS:
        for clients in CLIENTS:
            parts.append(f"`{operation}`, {clients} client{'s' if clients > 1 else ''}:")
            parts.append(_table(result, operation, clients))
    return "\n\n".join(parts)


def _in_words(result):
    return "\n".join(
        f"- `{operation}`, {ARMS[arm].removeprefix('ours, ')}{SERVICE[state]}: {_cost(result, operation, state, arm)}."
        for operation, state, arm in STATED
    )


def _cost(result, operation, state, arm):
    one, many = min(CLIENTS), max(CLIENTS)
    rate = result["ratios"][row_name(state, arm, operation, many)]["per_second"]["median"]
    service = result["medians"][row_name(state, arm, operation, many)]["service_cpu_us"]
    return (
        f"{_more(result, 'p50_us', state, arm, operation, one)} at the median of one client; a call takes "
        f"{_more(result, 'namenode_cpu_us', state, arm, operation, many)} of the NameNode's CPU, and {service:.0f} us "
        f"of the service's; {many} clients get {rate:.2f} times as many calls through"
    )


def _more(result, figure, state, arm, operation, clients):
    """The difference of the medians, and the median of the ratios."""
    row = row_name(state, arm, operation, clients)
    base = row_name(state, "none", operation, clients)
    more = result["medians"][row][figure] - result["medians"][base][figure]
    times = result["ratios"][row][figure]["median"]
    return f"{abs(more):.0f} us {'more' if more >= 0 else 'less'} ({times:.2f} times)"


def _table(result, operation, clients):
    rows = []
    for state, arms in STATES.items():
        for arm in arms:
            row = row_name(state, arm, operation, clients)
            median, ratios = result["medians"][row], result["ratios"][row]
            title = AGAIN if arm == "none" and state != "running" else ARMS[arm] + SERVICE[state]
            cells = [
                number(median[figure]) + ("" if arm == "none" else f" ({_ratio(ratios[figure], figure)})")
                for figure in FIGURES
            ]
            cells += [number(median["service_cpu_us"]), share(median["asked_share"]), share(median["refused_share"])]
            rows.append([title, *cells])
    return table(["", *FIGURES.values(), "service CPU", "asked", "refused"], rows)


def _ratio(ratio, figure):
    if figure not in WITH_RANGE:
        return short_ratio(ratio)
    return f"**{short_ratio(ratio)}**, {ratio['least']:.2f} to {ratio['greatest']:.2f}"
