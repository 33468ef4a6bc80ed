package authorizer.namenode;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;

import java.lang.management.ManagementFactory;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider.AccessControlEnforcer;
import org.apache.hadoop.hdfs.server.namenode.INodeDirectory;
import org.apache.hadoop.ipc.Server;
import org.apache.hadoop.util.ReflectionUtils;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.Timeout;

/** The plug-in as FSNamesystem and FSDirectory take it up. */
public class ProviderTest {
  @Rule public final Plugin plugin = new Plugin();
  @Rule public final Timeout timeout = Timeout.seconds(60);

  @Test
  public void isMadeAsTheNameNodeMakesIt() {
    INodeAttributeProvider made = ReflectionUtils.newInstance(AuthorizerAttributeProvider.class, plugin.conf);
    assertSame(plugin.conf, ((AuthorizerAttributeProvider) made).getConf());
    made.stop();
  }

  @Test
  public void bypassKeepsItFromBeingMade() {
    plugin.conf.set("dfs.permissions.enabled", "false");
    assertThrows(
        IllegalArgumentException.class,
        () -> ReflectionUtils.newInstance(AuthorizerAttributeProvider.class, plugin.conf));
  }

  @Test
  public void startsWithoutAService() {
    plugin.startAlone();
    assertFalse(plugin.counters().isConnected());
  }

  @Test
  public void attributesStayAsTheyAre() {
    INodeDirectory inode = Namespace.root();
    AuthorizerAttributeProvider provider = new AuthorizerAttributeProvider();
    assertSame(inode, provider.getAttributes("/", inode));
    assertSame(inode, provider.getAttributes(new String[] {""}, inode));
    assertSame(inode, provider.getAttributes(new byte[][] {{}}, inode));
  }

  /** Hadoop 3.3.3 and later ask for an enforcer with no default when they start. */
  @Test
  public void probeFindsAnEnforcer() {
    plugin.startAlone();
    assertNotNull(plugin.provider.getExternalAccessControlEnforcer(null));
  }

  @Test
  public void contextMethodIsDeclaredByTheEnforcersOwnClass() throws Exception {
    Class<?> context;
    try {
      context = Class.forName("org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider$AuthorizationContext");
    } catch (ClassNotFoundException hadoop2) {
      return;
    }
    plugin.startAlone();
    Class<?> enforcer = plugin.provider.getExternalAccessControlEnforcer(null).getClass();
    assertNotNull(enforcer.getDeclaredMethod("checkPermissionWithContext", context));
    assertNotNull(enforcer.getDeclaredMethod("checkSuperUserPermissionWithContext", context));
  }

  @Test
  public void everyCheckGetsItsOwnDefault() throws Exception {
    plugin.start();
    Recorder first = new Recorder();
    Recorder second = new Recorder();
    AccessControlEnforcer one = plugin.provider.getExternalAccessControlEnforcer(first);
    AccessControlEnforcer other = plugin.provider.getExternalAccessControlEnforcer(second);
    Shape.PARAMETERS.run(Check.ofDirectory("/tmp").access(FsAction.READ), other);
    Shape.PARAMETERS.run(Check.ofDirectory("/tmp").access(FsAction.READ), one);
    assertEquals(1, first.checks.size());
    assertEquals(1, second.checks.size());
  }

  @Test
  public void callerIsWhoTheNameNodeSays() throws Exception {
    plugin.start();
    plugin.run(Check.ofFile("/data/sales/f").access(FsAction.READ).by(Users.BOB_BY_ETL));
    AskedQuestion expected = new AskedQuestion(1, "bob", "/data/sales/f", "etl@EXAMPLE.COM", null, null, null);
    assertEquals(expected, ScriptedService.next(plugin.service.questions).withoutPermissions());
    assertNull("no call, no address", Server.getRemoteIp());
  }

  @Test
  public void countersAreShownByJmx() throws Exception {
    plugin.start();
    plugin.run(Check.ofFile("/data/sales/f").access(FsAction.READ));
    plugin.run(Check.ofFile("/tmp/f").access(FsAction.READ));
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    ObjectName name = new ObjectName("Hadoop:service=NameNode,name=Authorizer");
    assertEquals(1L, server.getAttribute(name, "Asked"));
    assertEquals(1L, server.getAttribute(name, "Answered"));
    assertEquals(1L, server.getAttribute(name, "Allowed"));
    assertEquals(1L, server.getAttribute(name, "Unprotected"));
    assertEquals(2, server.getAttribute(name, "CoverEntries"));
    assertEquals(true, server.getAttribute(name, "Connected"));
    plugin.provider.stop();
    assertFalse(server.isRegistered(name));
  }
}
