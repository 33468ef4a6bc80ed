"""The result of the suite `java` in Markdown."""

from .service_table import FIGURES, work_in_words
from .tables import number, ratio, table

ROWS = {
    "echo": "blocking client on the echo",
    "service": "blocking client on the service",
    "pool": "the plug-in's pool on the service",
}
RATIOS = {
    "server_cpu_us": "server CPU per request",
    "server_cpu_settled_us": "server CPU per request, until idle again",
    "client_cpu_us": "client CPU per request",
    "per_second": "requests per second",
    "p50_us": "median latency",
    "p99_us": "p99",
}


def markdown(result):
    ratios = [
        [title, *(ratio(result["ratios"][row][figure]) for row in ("service", "pool"))]
        for figure, title in RATIOS.items()
    ]
    rows = [
        [title, *(number(result["medians"][row][figure]) for figure in FIGURES)] for row, title in ROWS.items()
    ]
    return "\n\n".join(
        [
            work_in_words(result["work"]),
            table(["to the blocking client on the echo", ROWS["service"], ROWS["pool"]], ratios),
            table([f"{result['threads']} threads", *FIGURES.values()], rows),
        ]
    )
