package authorizer.crawler;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import authorizer.namenode.Namespace;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.apache.hadoop.fs.permission.AclEntry;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.fs.permission.PermissionStatus;
import org.apache.hadoop.hdfs.server.namenode.AclStorage;
import org.apache.hadoop.hdfs.server.namenode.INode;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider.AccessControlEnforcer;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributes;
import org.apache.hadoop.hdfs.server.namenode.INodeDirectory;
import org.apache.hadoop.hdfs.server.namenode.INodeFile;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.Test;

/** What the crawler computes, and what HDFS's own permission checker says of the same file. */
public class ReaderTest {
  private static final int CASES = 40_000;
  private static final int CURRENT_STATE = 0x7ffffffe;
  private static final String READER = "u0";

  private final Random random = new Random(20_26);

  @Test
  public void computesWhatHdfsSaysOfRandomFiles() throws Exception {
    int open = 0;
    int byAcl = 0;
    for (int number = 0; number < CASES; number++) {
      // Open to everybody: what is asked is about the file.
      INodeDirectory root = Namespace.openRoot();
      String owner = "u" + random.nextInt(3);
      String group = "g" + random.nextInt(3);
      int mode = random.nextInt(01000);
      INodeFile file =
          Namespace.file(
              root, "f", new PermissionStatus(owner, group, FsPermission.createImmutable((short) mode)));
      String spec = random.nextBoolean() ? "" : acl();
      if (!spec.isEmpty()) {
        Namespace.setAcl(file, spec);
      }
      List<String> groups = subset("g", 3);
      String words = owner + ":" + group + " " + Integer.toOctalString(mode) + " [" + spec + "] as " + READER + groups;

      boolean expected = hdfsLets(groups, root, file);
      // As the NameNode tells them: the mode has the mask of an ACL in the place of the group's bits.
      Permission permission =
          new Permission(owner, group, file.getFsPermission().toShort(), file.getAclFeature() != null);
      List<AclEntry> entries = AclStorage.readINodeAcl((INodeAttributes) file);
      Reader reader = new Reader(READER, groups, false);

      assertEquals(words, expected, reader.mayRead(permission, entries));
      Reader.Readability alone = reader.mayRead(permission);
      if (alone == Reader.Readability.BY_ACL) {
        assertTrue(words, permission.hasAcl);
        byAcl++;
      } else {
        assertEquals(words, expected, alone == Reader.Readability.YES);
      }
      assertTrue(words, new Reader(READER, groups, true).mayRead(permission, entries));
      open += expected ? 1 : 0;
    }
    assertTrue("both answers occur, and both ways to them", open > CASES / 10 && open < CASES * 9 / 10 && byAcl > 1000);
  }

  /** An ACL with names, in Hadoop's order. */
  private String acl() {
    List<String> entries = new ArrayList<>();
    entries.add("user::" + action());
    for (String name : subset("u", 3)) {
      entries.add("user:" + name + ":" + action());
    }
    entries.add("group::" + action());
    for (String name : subset("g", 3)) {
      entries.add("group:" + name + ":" + action());
    }
    entries.add("mask::" + action());
    entries.add("other::" + action());
    return String.join(",", entries);
  }

  private String action() {
    return FsAction.values()[random.nextInt(8)].SYMBOL;
  }

  private List<String> subset(String prefix, int most) {
    TreeSet<String> names = new TreeSet<>();
    for (int count = random.nextInt(most + 1); count > 0; count--) {
      names.add(prefix + random.nextInt(most));
    }
    return new ArrayList<>(names);
  }

  @SuppressWarnings("deprecation")
  private static boolean hdfsLets(List<String> groups, INodeDirectory root, INodeFile file) throws Exception {
    UserGroupInformation caller =
        UserGroupInformation.createUserForTesting(READER, groups.toArray(new String[0]));
    try {
      checker(caller)
          .checkPermission(
              "hdfs", "supergroup", caller, new INodeAttributes[] {root, file}, new INode[] {root, file},
              Namespace.components("/f"), CURRENT_STATE, "/f", 0, false, null, null, FsAction.READ, null, false);
      return true;
    } catch (AccessControlException refused) {
      return false;
    }
  }

  private static AccessControlEnforcer checker(UserGroupInformation caller) throws Exception {
    Class<?> type = Class.forName("org.apache.hadoop.hdfs.server.namenode.FSPermissionChecker");
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (constructor.getParameterCount() == 4) {
        constructor.setAccessible(true);
        return (AccessControlEnforcer) constructor.newInstance("hdfs", "supergroup", caller, null);
      }
    }
    throw new AssertionError("no constructor of four among " + Arrays.toString(type.getDeclaredConstructors()));
  }
}
