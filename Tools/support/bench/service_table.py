"""The result of the suite `service` as Markdown."""

from .service import GOALS, GREATEST_MEMORY, SCENARIOS
from .tables import number, ratio, share, table

ARMS = {"echo": "echo", "service": "service", "uncached": "service without its cache"}


def markdown(result):
    work = result["work"]
    return "\n\n".join(
        [
            f"{work['requests']:,} requests of {work['mean_request_bytes']} bytes: {work['allow']:,} allow, "
            f"{work['deny']:,} deny, {work['native']:,} native; {work['subscriptions']:,} subscriptions, "
            f"{work['pairs']:,} pairs of a user and a data source.",
            "Ratios of the service to the echo: the median of the rounds, and the least and greatest round.",
            _goals(result),
            _scenarios(result),
        ]
    )


def _goals(result):
    rows = []
    for title, scenario, figure, bound, goal in GOALS:
        if scenario in result["ratios"]:
            value = result["ratios"][scenario][figure]
            rows.append([title, SCENARIOS[scenario].title, ratio(value), f"{bound} {goal}"])
    memory = result["memory"]
    rows.append(
        [
            "memory of the service after all of it; at its peak",
            "",
            f"{memory['rss'] / 1e6:.0f} MB; {memory['peak'] / 1e6:.0f} MB",
            f"below {GREATEST_MEMORY / 1e6:.0f} MB",
        ]
    )
    cache = result["uncached_to_cached"]
    rows.append(["CPU per decision without the cache, to that with it", SCENARIOS["many"].title, ratio(cache), "-"])
    return table(["what", "how", "ratio", "goal"], rows)


def _scenarios(result):
    heads = ["how", "server", "per second", "p50, us", "p99, us", "p99.9, us"]
    heads += ["server CPU, us", "with what follows, us", "client CPU, us", "from the cache"]
    rows = []
    for row, median in result["medians"].items():
        arm, scenario = row.split(" ")
        cells = [number(median[name]) for name in ("per_second", "p50_us", "p99_us", "p999_us")]
        cells += [number(median[name]) for name in ("server_cpu_us", "server_cpu_settled_us", "client_cpu_us")]
        rows.append([SCENARIOS[scenario].title, ARMS[arm], *cells, share(median["cached_share"])])
    return table(heads, sorted(rows, key=lambda row: [scenario.title for scenario in SCENARIOS.values()].index(row[0])))
