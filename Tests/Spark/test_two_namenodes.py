"""Drivers on another host than the NameNodes, of which there are two, with a service each: a job holds a grant of both,
and goes on when the other NameNode takes over."""

import pathlib
import tempfile

from .world import ORDERS, POLICIES, SEEN, OrdersTest, World

from cluster import Pair
from cluster.processes import wait_until
from relay import Relay


class TwoHosts(World):
    """Drivers reach the services by relays, and their tickets say who they are."""

    kind_of_cluster = Pair
    # Each NameNode has a host of its own, as it were.
    place_of_service = "${dfs.ha.namenode.id}"
    is_public = True

    def __init__(self):
        super().__init__(proof=True)

    def _start_services(self, extra):
        self.services, self._relays = [], []
        self.directory.chmod(0o755)
        for name in ("first", "second"):
            directory = self.directory / name
            directory.mkdir()
            self.services.append(self._start_service(directory, extra))
            between = pathlib.Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="azr-")))
            between.chmod(0o755)
            relay = Relay(self.services[-1].socket, between)
            self._stack.callback(relay.stop)
            self._relays.append(relay)
        self.sidecar, self.second = self.services

    def start_driver(self, user, **how):
        return super().start_driver(
            user, spark_authorizer_socket=",".join(str(relay.socket) for relay in self._relays), **how)

    def apply(self, policies):
        for service in self.services:
            service.apply(policies)
            service.await_watcher()


class TwoNameNodes(OrdersTest):
    @classmethod
    def make_world(cls):
        world = TwoHosts()
        cls.addClassCleanup(world.close)
        return world

    def held_of(self, service):
        return [grant["id"] for grant in service.json("grant", "list")
                if grant["job"]["application"] == self.driver.application and grant["user"] == "alice"]

    def reads(self, service, grants):
        return [r for grant in grants for r in service.audit(grant=grant) if r["kind"] == "decision"]

    def test_job_goes_on_when_the_other_namenode_takes_over(self):
        self.world.cluster.activate("namenode")
        # One of another test may have been used at the other NameNode.
        self.assertTrue(
            wait_until(lambda: not any(map(self.held_of, self.world.services)), 60, 0.05), "a grant of before lives")
        self.start_job()
        self.assertTrue(
            wait_until(lambda: all(map(self.held_of, self.world.services)), 60, 0.05), "no grant of each service")
        first, second = map(self.held_of, self.world.services)
        self.assertNotEqual(first, second)
        self.assertTrue(wait_until(lambda: self.reads(self.world.sidecar, first), 60, 0.05), "nothing was read")
        self.assertEqual(self.reads(self.world.second, second), [])
        self.world.cluster.activate("standby")
        self.assertEqual(self.go(), SEEN)
        self.assertTrue(self.reads(self.world.second, second), "nothing was read at the NameNode that took over")

    def test_host_of_the_active_namenode_is_gone_with_its_service(self):
        self.world.cluster.activate("namenode")
        self.assertEqual(self.rows(), SEEN)
        self.world.cluster.kill("namenode")
        self.world.sidecar.kill()
        try:
            self.world.cluster.activate("standby")
            # Looked up anew: what was kept ended with the stream of the service that is gone.
            self.assertEqual(self.rows(), SEEN)
            self.assertTrue(self.held_of(self.world.second))
        finally:
            self.world.sidecar.start()
            self.world.cluster.start("namenode")
        self.world.sidecar.await_watcher()
        self.world.cluster.activate("namenode")
        self.assertTrue(wait_until(lambda: self.rows() == SEEN and self.held_of(self.world.sidecar), 60, 1), "no grant")

    def test_policies_of_one_service_alone_are_not_enough(self):
        self.assertEqual(self.rows(), SEEN)
        self.world.second.apply(POLICIES.replace(", groups: [analysts]", "") + ORDERS)
        try:
            self.assertEqual(self.held_of(self.world.second), [], "the grant goes on")
            with self.assertRaisesRegex(AssertionError, "not-subscribed|not subscribed"):
                self.rows()
        finally:
            self.world.second.apply(POLICIES + ORDERS)
        self.assertEqual(self.rows(), SEEN)
