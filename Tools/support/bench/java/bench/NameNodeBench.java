package bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.PrivilegedExceptionAction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DFSClient;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.protocol.DirectoryListing;
import org.apache.hadoop.hdfs.protocol.HdfsFileStatus;
import org.apache.hadoop.hdfs.protocol.LocatedBlocks;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * Asks several NameNodes, each over connections that stay open, as a user with a Kerberos ticket.
 *
 * <p>Takes commands from standard input, one a line, its words parted by blanks:
 *
 * <ul>
 *   <li>{@code connect NAME CORE_SITE HDFS_SITE KRB5_CONF PRINCIPAL KEYTAB CLIENTS}: logs that many clients in, each
 *       with a ticket and a connection of its own, and prints {@code connected}
 *   <li>{@code measure NAME OPERATION DIRECTORY FILES CLIENTS WARM_UP_SECONDS SECONDS}: a {@link ClosedLoop} of so many
 *       clients; OPERATION is {@code open}, {@code stat} or {@code list}, of the files {@code file-0} and so on
 * </ul>
 */
public final class NameNodeBench {
  private static final int HOUR_MILLIS = 3_600_000;

  private final Map<String, List<DFSClient>> clusters = new HashMap<>();

  private NameNodeBench() {}

  public static void main(String[] arguments) throws Exception {
    NameNodeBench bench = new NameNodeBench();
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      bench.perform(line.split(" "));
    }
  }

  private void perform(String[] words) throws Exception {
    switch (words[0]) {
      case "connect":
        connect(words);
        break;
      case "measure":
        measure(words);
        break;
      default:
        throw new IllegalArgumentException("no command " + words[0]);
    }
  }

  private void connect(String[] words) throws Exception {
    Configuration conf = new HdfsConfiguration();
    conf.addResource(new Path(words[2]));
    conf.addResource(new Path(words[3]));
    // A connection that was given up would have to be opened anew under another cluster's krb5.conf.
    conf.setInt("ipc.client.connection.maxidletime", HOUR_MILLIS);
    useRealm(words[4]);
    UserGroupInformation.setConfiguration(conf);
    List<DFSClient> clients = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(words[7]); i++) {
      clients.add(client(conf, words[5], words[6]));
    }
    clusters.put(words[1], clients);
    System.out.println("connected");
    System.out.flush();
  }

  /** Each cluster has a KDC of its own for the same realm. */
  private static void useRealm(String krb5Conf) throws ReflectiveOperationException {
    System.setProperty("java.security.krb5.conf", krb5Conf);
    Class.forName("sun.security.krb5.Config").getMethod("refresh").invoke(null);
  }

  private static DFSClient client(Configuration conf, String principal, String keytab) throws Exception {
    UserGroupInformation user = UserGroupInformation.loginUserFromKeytabAndReturnUGI(principal, keytab);
    PrivilegedExceptionAction<FileSystem> open = () -> FileSystem.newInstance(FileSystem.getDefaultUri(conf), conf);
    DFSClient client = ((DistributedFileSystem) user.doAs(open)).getClient();
    client.getFileInfo("/");
    return client;
  }

  private void measure(String[] words) throws Exception {
    List<DFSClient> clients = clusters.get(words[1]).subList(0, Integer.parseInt(words[5]));
    List<Task> tasks = new ArrayList<>();
    for (int i = 0; i < clients.size(); i++) {
      tasks.add(task(words[2], clients.get(i), words[3], Integer.parseInt(words[4]), i));
    }
    new ClosedLoop(tasks).run(Double.parseDouble(words[6]), Double.parseDouble(words[7]));
  }

  private static Task task(String operation, DFSClient client, String directory, int files, int first) {
    switch (operation) {
      case "open":
        return new EachFile(directory, files, first, path -> expectBlock(client.getLocatedBlocks(path, 0), path));
      case "stat":
        return new EachFile(directory, files, first, path -> expectFile(client.getFileInfo(path), path));
      case "list":
        return new EachFile(
            directory, files, first, path -> expectAll(client.listPaths(directory, new byte[0]), files));
      default:
        throw new IllegalArgumentException("no operation " + operation);
    }
  }

  private static void expectBlock(LocatedBlocks blocks, String path) throws IOException {
    if (blocks == null || blocks.locatedBlockCount() != 1) {
      throw new IOException(path + " has not one block");
    }
  }

  private static void expectFile(HdfsFileStatus status, String path) throws IOException {
    if (status == null || status.getLen() == 0) {
      throw new IOException(path + " is no file with bytes in it");
    }
  }

  private static void expectAll(DirectoryListing listing, int files) throws IOException {
    if (listing == null || listing.getPartialListing().length != files) {
      throw new IOException("the listing has not " + files + " files");
    }
  }

  private interface Call {
    void of(String path) throws IOException;
  }

  /** Makes a call for one file after the other, round and round. */
  private static final class EachFile implements Task {
    private final String[] paths;
    private final Call call;
    private int next;

    EachFile(String directory, int files, int first, Call call) {
      paths = new String[files];
      for (int i = 0; i < files; i++) {
        paths[i] = directory + "/file-" + i;
      }
      next = first % files;
      this.call = call;
    }

    @Override
    public boolean run() throws IOException {
      String path = paths[next];
      next = (next + 1) % paths.length;
      try {
        call.of(path);
        return true;
      } catch (AccessControlException refused) {
        return false;
      }
    }
  }
}
