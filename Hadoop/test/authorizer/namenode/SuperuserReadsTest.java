package authorizer.namenode;

import static org.junit.Assert.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;

public class SuperuserReadsTest {
  @Rule public final Plugin plugin = new Plugin();

  private final SuperuserReads logger = new SuperuserReads();
  private final UserGroupInformation owner = owner();

  @Before
  public void start() throws Exception {
    plugin.start();
    Configuration conf = new Configuration(false);
    conf.set("dfs.permissions.superusergroup", "the-superusers");
    logger.initialize(conf);
  }

  @Test
  public void superusersReadOfACoveredFileIsReported() throws Exception {
    UserGroupInformation member =
        UserGroupInformation.createUserForTesting("maintainer@EXAMPLE.COM", new String[] {"the-superusers"});
    open(owner, "/data/sales/f");
    open(member, "/data/sales/.snapshot/s1/f");
    open(member, "/.reserved/raw/data/sales/g");
    List<ScriptedService.Event> events = reported(3);
    assertEquals(owner.getUserName(), events.get(0).question().principal());
    assertEquals("maintainer@EXAMPLE.COM", events.get(1).question().principal());
    assertEquals("/data/sales/.snapshot/s1/f", events.get(1).question().path());
    assertEquals("/data/sales/g", events.get(2).question().path());
    for (ScriptedService.Event event : events) {
      assertEquals(Decision.NATIVE.code, event.decision());
      assertEquals(Reason.SUPERUSER.code, event.reason());
      assertEquals(0, event.mode());
      assertEquals("192.0.2.7", event.question().clientAddress());
    }
    assertEquals(3, plugin.counters().getSuperuserReads());
  }

  /** Only HDFS knows which file it is. */
  @Test
  public void readByTheNumberOfAnInodeIsReported() throws Exception {
    open(owner, "/.reserved/.inodes/16386");
    assertEquals("/.reserved/.inodes/16386", reported(1).get(0).question().path());
  }

  @Test
  public void whatIsRecordedAlreadyOrIsNoReadIsNotReported() throws Exception {
    open(Users.ALICE, "/data/sales/f");
    open(owner, "/elsewhere/f");
    open(owner, "/data/salesman/f");
    log(owner, false, "open", "/data/sales/f");
    log(owner, true, "getfileinfo", "/data/sales/f");
    log(owner, true, "open", null);
    assertEquals(0, plugin.counters().getSuperuserReads());
    assertEquals(0, plugin.counters().getReportsQueued());
  }

  @Test
  public void nothingFailsWithoutAPlugin() throws Exception {
    plugin.provider.stop();
    open(owner, "/data/sales/f");
    assertEquals(0, plugin.counters().getSuperuserReads());
  }

  /** So many events, in however many reports they come. */
  private List<ScriptedService.Event> reported(int count) throws InterruptedException {
    List<ScriptedService.Event> events = new ArrayList<>();
    while (events.size() < count) {
      events.addAll(ScriptedService.next(plugin.service.reports).events());
    }
    return events;
  }

  private void open(UserGroupInformation user, String path) throws Exception {
    log(user, true, "open", path);
  }

  private void log(UserGroupInformation user, boolean succeeded, String command, String path) throws Exception {
    InetAddress address = InetAddress.getByName("192.0.2.7");
    logger.logAuditEvent(succeeded, user.toString(), address, command, path, null, null, user, null);
  }

  private static UserGroupInformation owner() {
    try {
      return UserGroupInformation.getCurrentUser();
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }
}
