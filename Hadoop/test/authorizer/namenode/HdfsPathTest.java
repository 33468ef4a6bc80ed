package authorizer.namenode;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import org.apache.hadoop.hdfs.server.namenode.INodeDirectory;
import org.apache.hadoop.hdfs.server.namenode.INodeFile;
import org.junit.Test;

public class HdfsPathTest {
  private static final INodeDirectory SALES = Namespace.directory(Namespace.directory(Namespace.root(), "data"), "sales");
  private static final INodeFile FILE = Namespace.file(SALES, "f");

  @Test
  public void componentsSayMost() {
    assertPath("/data/sales/f", Namespace.components("/data/sales/f"), "/another", FILE);
    assertPath("/", Namespace.components("/"), null, null);
    assertPath("/", new byte[][] {null}, null, null);
    assertPath("/a", new byte[][] {null, {'a'}}, null, null);
  }

  @Test
  public void thenThePathAndThenTheInode() {
    assertPath("/a/b", null, "/a/b", FILE);
    assertPath("/a/b", new byte[0][], "//a///b/", FILE);
    assertPath("/data/sales/f", null, null, FILE);
  }

  @Test
  public void snapshotStaysInWhatIsSent() {
    assertPath("/data/.snapshot/s1/f", Namespace.components("/data/.snapshot/s1/f"), null, null);
  }

  @Test
  public void rawIsThePathItself() {
    assertPath("/data/sales/f", Namespace.components("/.reserved/raw/data/sales/f"), null, FILE);
    assertPath("/", Namespace.components("/.reserved/raw"), null, null);
  }

  @Test
  public void inodeNumberIsThePathItself() {
    assertPath("/data/sales/f", Namespace.components("/.reserved/.inodes/16386"), null, FILE);
  }

  @Test
  public void nothingIsNoPath() {
    assertThrows(IllegalArgumentException.class, () -> HdfsPath.ofCheck(null, null, null));
    assertThrows(IllegalArgumentException.class, () -> HdfsPath.ofCheck(new byte[][] {null, null}, "/a", FILE));
  }

  private static void assertPath(String expected, byte[][] components, String path, INodeFile target) {
    HdfsPath found = HdfsPath.ofCheck(components, path, target);
    assertEquals(expected, found.toString());
    assertEquals(expected.length(), found.byteLength());
  }
}
