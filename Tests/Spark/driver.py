"""A Spark driver in a process of its own, as one user of a cluster; and its other end, for tests.

As a program: reads a JSON object a line, and answers with {"rows": ...} or {"error": ...}. {"sql": ...} is a query;
{"python": ...} are statements of Python that know `session` and what statements before them have named, and leave what
is to be answered in `value`. `wait_for('FILE')` in a query holds its task
until there is such a file.
"""

import json
import os
import subprocess
import sys
import time


class Driver:
    """A driver that runs until it is closed.

    - environment: of the process: who it is by Kerberos, and where the cluster is.
    - settings: of Spark.
    - java_options: of its JVM.
    """

    def __init__(self, home, environment, settings, java_options):
        python = [str(home / "python"), *map(str, (home / "python" / "lib").glob("py4j-*.zip"))]
        self._process = subprocess.Popen(
            [sys.executable, "-B", __file__, json.dumps(settings)],
            env={**environment, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "TZ": "UTC",
                 "PYSPARK_PYTHON": sys.executable, "PYTHONPATH": os.pathsep.join(python),
                 "PYSPARK_SUBMIT_ARGS": f"--driver-java-options '{' '.join(java_options)}' pyspark-shell"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.application = self._answer()["application"]

    def sql(self, text):
        """The rows of a query, or raises AssertionError with what Spark says."""
        self.start(text)
        return self.rows()

    def python(self, statements):
        """What statements leave in `value`, or raises AssertionError with what Spark says."""
        self._send(python=statements)
        return self.rows()

    def start(self, text):
        """Begins a query; `rows` waits for it."""
        self._send(sql=text)

    def rows(self):
        answer = self._answer()
        assert "error" not in answer, answer["error"]
        return answer["rows"]

    def close(self):
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    def _send(self, **request):
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def _answer(self):
        line = self._process.stdout.readline()
        assert line, "the driver has ended; see its standard error"
        return json.loads(line)


def wait_for(path):
    """In SQL: true, when there is a file. By this a test holds a task for as long as it likes."""
    while not os.path.exists(path):
        time.sleep(0.02)
    return True


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    from pyspark.sql import SparkSession

    builder = SparkSession.builder
    for name, value in json.loads(sys.argv[1]).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    session.udf.register("wait_for", wait_for, "boolean")
    answer = {"application": session.sparkContext.applicationId}
    names = {"session": session}
    while True:
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()
        line = sys.stdin.readline()
        if not line:
            break
        try:
            request = json.loads(line)
            if "sql" in request:
                answer = {"rows": [list(row) for row in session.sql(request["sql"]).collect()]}
            else:
                exec(request["python"], names)
                answer = {"rows": names["value"]}
        except Exception as error:  # Whatever Spark says is what the test looks at.
            answer = {"error": f"{type(error).__name__}: {error}"}
    session.stop()


if __name__ == "__main__":
    main()
