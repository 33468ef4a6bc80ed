package authorizer.grant;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;

import org.apache.hadoop.conf.Configuration;
import org.junit.Test;

public class NameserviceTest {
  private final Configuration conf = new Configuration(false);

  @Test
  public void isWhatIsSaidFirst() {
    assertNull(Nameservice.of(conf));
    conf.set("fs.defaultFS", "hdfs://nn1.example.com:8020/");
    assertEquals("nn1.example.com:8020", Nameservice.of(conf));
    conf.set("dfs.nameservices", "ns1");
    assertEquals("ns1", Nameservice.of(conf));
    conf.set("dfs.nameservice.id", "ns2");
    assertEquals("ns2", Nameservice.of(conf));
    conf.set("authorizer.nameservice", " ns3 ");
    assertEquals("ns3", Nameservice.of(conf));
  }

  @Test
  public void isNotGuessedAmongSeveral() {
    conf.set("dfs.nameservices", "ns1,ns2");
    conf.set("fs.defaultFS", "hdfs://ns2");
    assertEquals("ns2", Nameservice.of(conf));
  }

  @Test
  public void isUnknownOfAFileSystemWithoutAHost() {
    conf.set("fs.defaultFS", "file:///");
    assertNull(Nameservice.of(conf));
    conf.set("fs.defaultFS", "no address");
    assertNull(Nameservice.of(conf));
  }
}
