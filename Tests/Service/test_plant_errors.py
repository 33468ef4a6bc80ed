"""The errors that `Tools/plant-errors` plants still have a place to be planted in."""

import importlib.machinery
import importlib.util
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def planted():
    loader = importlib.machinery.SourceFileLoader("plant_errors", str(ROOT / "Tools/plant-errors"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("plant_errors", loader))
    sys.modules["plant_errors"] = module
    loader.exec_module(module)
    return module.ERRORS


class PlantedErrors(unittest.TestCase):
    def test_each_fits_one_line_of_the_sources(self):
        for name, error in planted().items():
            with self.subTest(error=name):
                text = (ROOT / "Sources" / error.file).read_text()
                self.assertEqual(text.count(error.right), 1)
                self.assertNotEqual(error.right, error.wrong)
