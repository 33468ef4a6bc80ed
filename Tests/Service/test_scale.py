"""The generator of very many policies, with few: every answer that the service gives to them is as it says."""

import pathlib
import tempfile
import unittest

from .fixture import REPOSITORY  # noqa: F401, it makes Tools/support known

from scale.generation import Generator, Size  # noqa: E402
from scale.measuring import Asked, measure  # noqa: E402


class Scale(unittest.TestCase):
    def test_service_answers_as_the_generator_knows(self):
        generator = Generator(Size(data_sources=60, users=1_500, subscriptions=3_000))
        with tempfile.TemporaryDirectory(prefix="azs-") as directory:
            files = generator.write(pathlib.Path(directory))
            # It fails on a wrong answer, and on a read allowed after the user was disabled.
            result = measure(generator, files, say=lambda line: None, asked=Asked(2_000, 200, 30))
        self.assertEqual(result["files"], len(files))

    def test_same_numbers_make_the_same_policies(self):
        def written():
            with tempfile.TemporaryDirectory(prefix="azs-") as directory:
                return [f.read_bytes() for f in Generator(Size(5, 50, 100)).write(pathlib.Path(directory))]

        self.assertEqual(written(), written())
