"""The result of the suite `audit` in Markdown."""

from .audit_cost import ARMS, BASE, SCENARIO_NAMES
from .service import SCENARIOS
from .service_table import work_in_words
from .tables import number, ratio, short_ratio, table

FIGURES = {"per_second": "per second", "p50_us": "p50", "p99_us": "p99", "server_cpu_settled_us": "server CPU"}


def markdown(result):
    return "\n\n".join([work_in_words(result["work"]), _ratios(result), _figures(result), _path(result["path"])])


def _rows(result):
    for name in SCENARIO_NAMES:
        for arm in ARMS:
            row = f"{arm} {name}"
            if row in result["medians"]:
                yield SCENARIOS[name].title, arm, row


def _ratios(result):
    heads = [
        "to the audit off", "audit", "CPU per question", "CPU of the answering thread", "questions per second",
        "median latency", "p99", "CPU per record, us", "of that the answering thread's, us",
    ]
    lines = []
    for title, arm, row in _rows(result):
        if arm == BASE:
            continue
        ratios, per_record = result["ratios"][row], result["per_record"][row]
        lines.append([
            title, arm,
            *(ratio(ratios[figure]) for figure in ("server_cpu_settled_us", "server_thread_us", "per_second", "p50_us")),
            short_ratio(ratios["p99_us"]),
            *(ratio(per_record[figure]) for figure in ("server_cpu_settled_us", "server_thread_us")),
        ])
    return table(heads, lines, words=2)


def _figures(result):
    lines = [
        [title, arm, *(number(result["medians"][row][figure]) for figure in FIGURES)]
        for title, arm, row in _rows(result)
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
