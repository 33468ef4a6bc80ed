"""The result of the suite `crawl` in Markdown."""

from .tables import number, ratio, table

MIB = 1 << 20


def markdown(result):
    first, crawl, ls = result["first"], result["medians"]["crawl"], result["medians"]["ls"]
    rows = [
        _row("first crawl, nothing known before", first),
        _row("crawl, nothing changed", crawl),
        _row("`hdfs dfs -ls -R`", ls),
    ]
    heads = [
        "", "seconds", "files per second", "NameNode calls per 1,000 files", "NameNode CPU, us per file",
        "service CPU, us per file", "client JVM, peak MiB", "service, peak MiB", "service afterwards, MiB",
    ]
    return "\n\n".join([
        f"Hadoop {result['hadoop']}, {result['files']:,} files of {result['name_bytes']} bytes of name or more in "
        f"{result['directories']:,} directories, a tenth of them in one. No limit of calls.",
        f"A crawl, from its start to the catalogue in force, sees {ratio(result['ratio'])} times as many files per second "
        "as `hdfs dfs -ls -R`, which only prints them.",
        table(heads, rows),
        f"The catalogue takes {result['table_bytes_per_file']:.2f} bytes of memory and "
        f"{result['disk_bytes_per_file']:.0f} bytes on disk for each file.",
    ])


def _row(title, figures):
    sizes = [figures[name] and figures[name] / MIB for name in ("client_peak", "service_peak", "service_rss")]
    names = ("seconds", "per_second", "calls_per_thousand", "namenode_cpu_us", "service_cpu_us")
    return [title, *(number(figures[name]) for name in names), *map(number, sizes)]
