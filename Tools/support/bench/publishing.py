"""Results on disk: JSON files, and tables in `docs/benchmarks.md`."""

import json
import pathlib

from . import (
    audit_table, catalogue, cover, crawl_table, java_table, machine, namenode_table, records_table, service_table,
    spark_table,
)
from .errors import BenchError

RESULTS = pathlib.Path(__file__).resolve().parent / "results"
DOCUMENT = machine.REPOSITORY / "docs" / "benchmarks.md"
TABLES = {
    "service": service_table.markdown,
    "java": java_table.markdown,
    "namenode": namenode_table.markdown,
    "crawl": crawl_table.markdown,
    "catalogue": catalogue.markdown,
    "cover": cover.markdown,
    "audit": audit_table.markdown,
    "records": records_table.markdown,
    "spark": spark_table.markdown,
}


def markdown(suite, document):
    """A suite's result with its circumstances."""
    result = document["suites"][suite]
    return "\n\n".join([machine.in_words(document["machine"], result), TABLES[suite](result)])


def write_json(document, file):
    pathlib.Path(file).write_text(json.dumps(document, indent=1) + "\n")


def publish(document):
    """Puts a result into `results` and into the document, in place of the former one of the same suites."""
    RESULTS.mkdir(exist_ok=True)
    for suite, result in document["suites"].items():
        write_json({**document, "suites": {suite: result}}, RESULTS / f"{suite}.json")
        _replace_section(suite, markdown(suite, document))


def _replace_section(suite, text):
    begin, end = f"<!-- begin {suite} -->", f"<!-- end {suite} -->"
    page = DOCUMENT.read_text()
    head, found, rest = page.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise BenchError(f"{DOCUMENT} has no place for `{suite}`: it is between `{begin}` and `{end}`")
    DOCUMENT.write_text(f"{head}{begin}\n\n{text}\n\n{end}{tail}")
