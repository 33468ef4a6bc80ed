"""The result of the suite `spark` in Markdown."""

from .figures import spread
from .tables import number, ratio, table

ARMS = {
    "unprotected": "tables that nothing protects, a user of the policies",
    "unmapped": "protected tables, a principal that maps to no user",
    "nothing hidden": "protected tables, from whom nothing is hidden",
    "filtered and masked": "protected tables, a row filter and a hash on each",
    "nothing known": "the same, the service asked for each query",
}
DRIVERS = {"ours": "ms", "plain": "ms, plain Spark"}


def markdown(result):
    parts = [
        f"Spark {result['spark']}. Planning is all from the text to the physical plan; each of the {result['tables']} tables "
        "is a data source of its own. Drivers take turns, after few queries each; figures are medians of single queries."]
    for query, measured in result["planning"].items():
        rows = [
            [words, ratio(measured["ratios"][arm]), *(number(measured["medians"][arm][driver]) for driver in DRIVERS)]
            for arm, words in ARMS.items()]
        itself = [one for measured_again in measured["itself"].values() for one in measured_again["rounds"]]
        rows.append(["Spark without the extension, in another driver", ratio(spread(itself)), "", ""])
        parts.append(table([f"planning a query of {query}", "times plain Spark", *DRIVERS.values()], rows))
    opens = result["opens"]
    seconds = {arm: figures["seconds"] for arm, figures in opens["medians"].items()}
    more = 1000 * (seconds["grant"] - seconds["plain"]) / result["files"]
    parts.append(
        f"A query of {result['files']:,} partitions, a file each, on a Kerberized NameNode: with the extension, a grant and "
        f"the plug-in it takes {ratio(opens['ratio'])} times as long as without all of them ({number(seconds['grant'])} s "
        f"and {number(seconds['plain'])} s, {number(more)} ms for each partition).")
    return "\n\n".join(parts)
