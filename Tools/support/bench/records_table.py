"""The result of the suite `records` in Markdown."""

from .tables import number, table

QUESTIONS = {
    "day_user9": "a user who reads much, one day",
    "day_user500": "a user, one day",
    "day_user7000": "a user who reads little, one day",
    "day_frequent_path": "a directory that is read much, one day",
    "day_rare_path": "a directory that is read little, one day",
    "day_one_file": "one file, one day",
    "ever_rare_user": "a user who reads little, all 30 days",
    "ever_unknown_user": "a user who never read",
    "newest": "the newest 1,000",
    "command_user": "`audit query --user` of one day, in JSON",
    "command_path": "`audit query --path` of one day, in JSON",
}


def markdown(result):
    note = [result["note"]] if "note" in result else []
    return "\n\n".join([*note, _sizes(result), _questions(result["questions"])])


def _sizes(result):
    figures, count = result["figures"], result["count"]
    million = count / 1e6
    rows = [
        ["records", f"{count:,}"],
        ["bytes of a record in the journal", number(figures["journal_bytes_per_record"])],
        ["the same, compressed", number(figures["compressed_bytes_per_record"])],
        ["bytes of a record in the index", number(figures["index_bytes_per_record"])],
        ["seconds until all were written", number(figures["writing_seconds"])],
        ["seconds until all were indexed", number(figures["until_indexed_seconds"])],
        ["CPU of the index for a record, us", number(figures["index_microseconds_per_record"])],
        ["seconds to compress a million", number(figures["compressing_seconds"] / million)],
        ["seconds to verify a million", number(figures["verifying_seconds"] / million)],
        ["seconds to verify a million, compressed", number(figures["verifying_compressed_seconds"] / million)],
    ]
    return table(["", "figure"], rows)


def _questions(questions):
    rows = [
        [
            words, f"{questions['plain'][f'{name}_found']:,.0f}",
            *(
                number(questions[state][f"{name}_{measured}"])
                for state in ("plain", "compressed") for measured in ("seconds", "again_seconds")
            ),
        ]
        for name, words in QUESTIONS.items()
    ]
    return table(
        ["asked for", "records found", "seconds", "again", "seconds, compressed", "again, compressed"], rows)
