"""The result of the suite `namenode` in Markdown."""

from .namenode import CLIENTS, OPERATIONS, STATES, row_name
from .tables import number, share, short_ratio, table

ARMS = {
    "none": "no provider",
    "nothing": "a provider that does nothing",
    "unprotected": "ours, a path that nothing covers",
    "covered": "ours, a covered path",
}
SERVICE = {"running": "", "uncached": "; no cache", "stopped": "; service stopped"}
FIGURES = {"per_second": "per second", "p50_us": "p50", "p99_us": "p99", "p999_us": "p99.9"}
CPU = {
    "namenode_cpu_us": "NameNode CPU",
    "service_cpu_us": "service CPU",
}


def markdown(result):
    parts = [f"Hadoop {result['hadoop']}. In brackets: the ratio to no provider in the same rounds, median."]
    for operation in OPERATIONS:
        for clients in CLIENTS:
            parts.append(f"`{operation}`, {clients} client{'s' if clients > 1 else ''}:")
            parts.append(_table(result, operation, clients))
    return "\n\n".join(parts)


def _table(result, operation, clients):
    rows = []
    for state, arms in STATES.items():
        for arm in arms:
            row = row_name(state, arm, operation, clients)
            median, ratios = result["medians"][row], result["ratios"][row]
            cells = [_with_ratio(median[figure], ratios.get(figure), arm) for figure in (*FIGURES, *CPU)]
            cells += [share(median["asked_share"]), share(median["refused_share"])]
            rows.append([ARMS[arm] + SERVICE[state], *cells])
    return table(["", *FIGURES.values(), *CPU.values(), "asked", "refused"], rows)


def _with_ratio(value, ratio, arm):
    return number(value) if ratio is None or arm == "none" else f"{number(value)} ({short_ratio(ratio)})"
