"""A crawl of a name service with two NameNodes, of which the other becomes the active one in its middle."""

from .crawled import LONG_ON, SlowCrawl
from .installation import Pair, on_hadoop


@on_hadoop(*LONG_ON)
class Failover(SlowCrawl):
    @classmethod
    def made_cluster(cls):
        pair = Pair.up(hadoop=cls.hadoop)
        cls.addClassCleanup(pair.down)
        return pair

    @classmethod
    def remove_tree(cls):
        pass  # It goes with the cluster.

    def tearDown(self):
        for name in ("namenode", "standby"):
            if self.cluster.daemon(name).pid() is None:
                self.cluster.start(name)

    def test_crawl_goes_on_with_the_one_that_takes_over(self):
        self.cluster.activate("namenode")
        self.begin()
        self.cluster.activate("standby")
        self.assert_whole(self.end(), runs=1)

    def test_crawl_goes_on_when_the_active_one_is_killed(self):
        self.cluster.activate("standby")
        self.begin()
        self.cluster.kill("standby")
        self.cluster.activate("namenode")
        self.assert_whole(self.end(), runs=1)
