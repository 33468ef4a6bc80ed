"""The result of the suite `audit` in Markdown."""

from .audit_cost import ARMS, BASE, SCENARIO_NAMES
from .service import SCENARIOS
from .service_table import work_in_words
from .tables import number, ratio, short_ratio, table

# Where cores go to sleep between questions, the CPU that waking them takes hides that of a record.
WITHOUT_CPU = ("one_apart",)
FIGURES = {"per_second": "per second", "p50_us": "p50", "p99_us": "p99", "server_cpu_settled_us": "server CPU"}


def markdown(result):
    # Read back from a file, the batches are texts.
    path = {int(batch): figures for batch, figures in result["path"].items()}
    parts = [work_in_words(result["work"]), _goals(result, path), _ratios(result), _figures(result), _path(path)]
    return "\n\n".join(parts)


def _goals(result, path):
    rows = [
        [
            "CPU of a record in the journal, us", f"{batch} in a write", "below 1",
            f"**{figures['medians']['journal'] / 1e3:.2f}**; a plain `writev` {figures['medians']['writev'] / 1e3:.2f}",
        ]
        for batch, figures in path.items()
    ]
    rows += [
        ["median latency with `process` to that without records", title, "1", ratio(result["ratios"][row]["p50_us"])]
        for _, title, arm, row in _rows(result) if arm == "process"
    ]
    return table(["aim", "how", "goal", "measured"], rows, words=2)


def _rows(result):
    for name in SCENARIO_NAMES:
        for arm in ARMS:
            row = f"{arm} {name}"
            if row in result["medians"]:
                yield name, SCENARIOS[name].title, arm, row


def _ratios(result):
    heads = [
        "to the audit off", "audit", "CPU per question", "CPU of the answering thread", "questions per second",
        "median latency", "p99", "CPU per record, us", "of that the answering thread's, us",
    ]
    lines = []
    for name, title, arm, row in _rows(result):
        if arm == BASE:
            continue
        ratios, per_record = result["ratios"][row], result["per_record"][row]
        differences = [ratio(per_record[figure]) for figure in ("server_cpu_settled_us", "server_thread_us")]
        lines.append([
            title, arm,
            *(ratio(ratios[figure]) for figure in ("server_cpu_settled_us", "server_thread_us", "per_second", "p50_us")),
            short_ratio(ratios["p99_us"]),
            *(["-", "-"] if name in WITHOUT_CPU else differences),
        ])
    return table(heads, lines, words=2)


def _figures(result):
    lines = [
        [title, arm, *(number(result["medians"][row][figure]) for figure in FIGURES)]
        for _, title, arm, row in _rows(result)
    ]
    return table(["how", "audit", *FIGURES.values()], lines, words=2)


def _path(path):
    heads = [
        "records in a write", "bytes of a record", "plain `writev`, ns", "journal, ns", "journal to `writev`",
        "journal less `writev`, ns", "of the journal, hash and checksum and the bytes, ns", "thread that syncs, ns",
    ]
    lines = []
    for batch, figures in path.items():
        medians = figures["medians"]
        lines.append([
            batch, number(medians["bytes"]), number(medians["writev"]), number(medians["journal"]),
            ratio(figures["journal_to_writev"]), number(figures["journal_less_writev"]["median"]),
            number(medians["encoding"]), number(medians["syncing"]),
        ])
    return "A record by itself, CPU of the thread that writes it:\n\n" + table(heads, lines)
