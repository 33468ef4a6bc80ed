"""A client of Spark Connect in a process of its own; and its other end, for tests.

As a program: reads a JSON text a line, Python of a user with their session `spark`, and answers with {"value": ...} for
what it leaves in `result`, or {"error": ...}.
"""

import json
import os
import subprocess
import sys


class ConnectClient:
    """A client that runs until it is closed. It has the server's address and token, and nothing else of the cluster.

    - packages: the directory of what the client needs besides pyspark.
    - address: `sc://...`.
    """

    def __init__(self, home, packages, address, directory):
        python = [str(home / "python"), str(packages), *map(str, (home / "python" / "lib").glob("py4j-*.zip"))]
        self._process = subprocess.Popen(
            [sys.executable, "-B", __file__, address],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(python), "TZ": "UTC", "HOME": str(directory)},
            cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, text):
        """What a program leaves in `result`, or raises AssertionError with what it says."""
        self._process.stdin.write(json.dumps(text) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the client has ended; see its standard error"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def sql(self, text):
        return self.run(f"result = [list(row) for row in spark.sql({text!r}).collect()]")

    def close(self):
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    import logging

    logging.disable()
    from pyspark.sql.connect.session import SparkSession

    spark = None
    for line in sys.stdin:
        try:
            spark = spark or SparkSession.builder.remote(sys.argv[1]).getOrCreate()
            names = {"spark": spark}
            exec(json.loads(line), names)
            answer = {"value": names.get("result")}
        except Exception as error:  # Whatever Spark says is what the test looks at.
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
