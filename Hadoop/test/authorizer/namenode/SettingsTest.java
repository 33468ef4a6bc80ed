package authorizer.namenode;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;

import org.apache.hadoop.conf.Configuration;
import org.junit.Test;

public class SettingsTest {
  private final Configuration conf = new Configuration(false);

  @Test
  public void presets() {
    Settings settings = new Settings(conf);
    assertEquals("/run/authorizer/authorizer.sock", settings.socketPath);
    assertEquals(20, settings.deadlineMillis);
    assertEquals(FailureMode.DENY, settings.failureMode);
    assertEquals(600, settings.staleAgeSeconds);
    assertEquals(3, settings.breakerMisses);
    assertEquals(128, settings.greatestConnections);
    assertNull(settings.coverFile);
    assertEquals(100_000, settings.reportQueue);
    assertNull(settings.nameservice);
  }

  @Test
  public void whatIsSetIsTaken() {
    conf.set("authorizer.failure.mode", " stale ");
    conf.set("authorizer.deadline.ms", "5");
    conf.set("authorizer.cover.file", "/var/lib/authorizer/cover");
    Settings settings = new Settings(conf);
    assertEquals(FailureMode.STALE, settings.failureMode);
    assertEquals(5, settings.deadlineMillis);
    assertEquals("/var/lib/authorizer/cover", settings.coverFile.toString());
  }

  @Test
  public void whatBypassesTheAuthorizerIsRefused() {
    assertRefused(
        "dfs.namenode.inode.attributes.provider.bypass.users",
        "hive",
        "empty: HDFS asks the authorizer about none of these users");
    assertRefused("dfs.permissions.enabled", "false", "`true`: without permissions HDFS never asks the authorizer");
  }

  @Test
  public void badValuesAreRefusedInWords() {
    assertRefused("authorizer.deadline.ms", "0", "a whole number from 1 to 10000");
    assertRefused("authorizer.deadline.ms", "20ms", "a whole number from 1 to 10000");
    assertRefused("authorizer.failure.mode", "allow", "`deny`, `stale` or `native`");
    assertRefused("authorizer.stale.max.age.seconds", "-1", "a whole number from 1 to 604800");
    assertRefused("authorizer.breaker.misses", "none", "a whole number from 1 to 1000000");
    assertRefused("authorizer.connections.max", "0", "a whole number from 1 to 10000");
    assertRefused("authorizer.report.queue", "99999999999", "a whole number from 1 to 10000000");
    assertRefused("authorizer.socket.path", "authorizer.sock", "an absolute path of at most 107 bytes");
    assertRefused("authorizer.socket.path", "/" + "x".repeat(107), "an absolute path of at most 107 bytes");
    assertRefused("authorizer.cover.file", "cover", "the absolute path of a file");
    assertRefused("authorizer.cover.file", "/", "the absolute path of a file");
  }

  private void assertRefused(String key, String value, String allowed) {
    conf.clear();
    conf.set(key, value);
    IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> new Settings(conf));
    assertEquals(key + " is `" + value + "`: it must be " + allowed, refusal.getMessage());
  }
}
