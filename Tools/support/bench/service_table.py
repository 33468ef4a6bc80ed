"""The result of the suite `service` in Markdown."""

from .service import GOALS, GREATEST_MEMORY, SCENARIOS
from .tables import number, ratio, share, table

ARMS = {"echo": "echo", "service": "service", "uncached": "service, no cache"}
FIGURES = {
    "per_second": "per second",
    "p50_us": "p50",
    "p99_us": "p99",
    "p999_us": "p99.9",
    "server_cpu_us": "server CPU",
    "server_thread_us": "its busiest thread",
    "server_cpu_settled_us": "until idle again",
    "client_cpu_us": "client CPU",
}


def markdown(result):
    return "\n\n".join([work_in_words(result["work"]), _goals(result), _scenarios(result)])


def work_in_words(work):
    return (
        f"{work['requests']:,} requests of {work['mean_request_bytes']} bytes in the mean: {work['allow']:,} allow, "
        f"{work['deny']:,} deny, {work['native']:,} native. {work['subscriptions']:,} subscriptions; "
        f"{work['pairs']:,} pairs of a user and a data source."
    )


def _goals(result):
    rows = [
        [title, SCENARIOS[scenario].title, f"{bound} {goal:g}", ratio(result["ratios"][scenario][figure])]
        for title, scenario, figure, bound, goal in GOALS
        if scenario in result["ratios"]
    ]
    cache = ratio(result["uncached_to_cached"])
    rows.append(["CPU per decision without the cache, to that with it", SCENARIOS["many"].title, "-", cache])
    memory = result["memory"]
    goal = f"below {GREATEST_MEMORY / 1e6:.0f} MB"
    rows.append(["memory of the service after the work", "resident", goal, f"{memory['rss'] / 1e6:.0f} MB"])
    rows.append(["", "at its peak, applying the policies included", "-", f"{memory['peak'] / 1e6:.0f} MB"])
    return table(["service to echo", "how", "goal", "median of the rounds (least to greatest)"], rows, words=2)


def _scenarios(result):
    rows = []
    for name, scenario in SCENARIOS.items():
        for arm, title in ARMS.items():
            median = result["medians"].get(f"{arm} {name}")
            if median:
                cells = [number(median[figure]) for figure in FIGURES]
                rows.append([scenario.title, title, *cells, share(median["cached_share"])])
    return table(["how", "server", *FIGURES.values(), "from the cache"], rows, words=2)
