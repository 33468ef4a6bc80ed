"""Paths in records show no more of a path than the administrator allows, and can still be asked for."""

from .fixture import ServiceTest
from .wire import MOVE, Wire

NAME = "jane.doe"
PATH = f"/data/sales/{NAME}/salary.csv"


class Paths(ServiceTest):
    def setUp(self):
        super().setUp()
        file = self.sidecar.configuration
        file.write_text(file.read_text().replace("audit:\n", "audit:\n  path-components: 2\n"))
        self.start()
        with Wire(self.sidecar.socket) as connection:
            self.assertEqual(connection.decide("alice@EXAMPLE.COM", PATH)[0], "allow")
            connection.decide("alice@EXAMPLE.COM", f"/data/sales/.snapshot/s1/{NAME}/salary.csv")
            connection.decide("alice@EXAMPLE.COM", f"/data/sales/{NAME}", MOVE, f"/tmp/x/{NAME}")

    def test_names_below_the_second_component_are_nowhere(self):
        shown = self.sidecar.audit(data_source="sales")
        self.assertEqual(len(shown), 3)
        # Who asks for a name leaves a record of it.
        self.assertEqual(len(self.sidecar.audit(path=PATH)), 2)
        for record in shown:
            self.assertRegex(record["path"], r"^/data/sales(/~[0-9a-f]{16}){1,2}$")
        self.assertRegex(shown[2]["destination"], r"^/tmp/x/~[0-9a-f]{16}$")
        self.assertEqual(self.sidecar.stop(), 0)
        for file in (self.directory / "audit").iterdir():
            self.assertNotIn(NAME.encode(), file.read_bytes(), file)
        self.assertNotIn(NAME, self.sidecar.log.read_text())

    def test_file_and_directory_are_found_by_their_names_and_as_they_are_shown(self):
        by_name = self.sidecar.audit(path=PATH)
        self.assertEqual(len(by_name), 2)
        self.assertEqual(len(self.sidecar.audit(path=f"/data/sales/{NAME}")), 3)
        self.assertEqual(self.sidecar.audit(path="/data/sales/jane"), [])
        self.assertEqual(self.sidecar.audit(path=by_name[0]["path"]), by_name)

    def test_names_are_hidden_the_same_way_after_a_restart(self):
        self.sidecar.stop()
        self.sidecar.start()
        with Wire(self.sidecar.socket) as connection:
            connection.decide("alice@EXAMPLE.COM", PATH)
        self.assertEqual(len({record["path"] for record in self.sidecar.audit(path=PATH)}), 1)
        self.assertEqual(len(self.sidecar.audit(path=PATH)), 3)
