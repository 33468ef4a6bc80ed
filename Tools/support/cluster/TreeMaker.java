import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.AclEntry;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.security.AccessControlException;

/**
 * Makes many files at once, with names that no shell could say. Standard input has a step a line, its words separated by
 * tabs and each of them URL-encoded; what it prints has a line for each {@code open}.
 *
 * <pre>
 *   dir PATH [MODE [OWNER [GROUP [ACL]]]]     a directory, with those above it
 *   file PATH [MODE [OWNER [GROUP [ACL]]]]    an empty file
 *   files DIRECTORY COUNT [PREFIX]            empty files f0, f1 and so on, or with another prefix than f
 *   perm PATH MODE [OWNER [GROUP [ACL]]]      changes what is there
 *   rm PATH                                   with all below it
 *   mv PATH PATH
 *   open PATH                                 prints `yes` or `no`: whether it can be read
 *   done                                      waits for the steps before
 * </pre>
 *
 * An empty word, and a MODE of {@code -}, leave things as they are. Steps run at the same time but for {@code done}.
 */
public final class TreeMaker {
  private static final int THREADS = 16;

  private final FileSystem fileSystem;

  private TreeMaker(FileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  public static void main(String[] arguments) throws Exception {
    TreeMaker maker = new TreeMaker(FileSystem.get(new Configuration()));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    List<Future<String>> steps = new ArrayList<>();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split("\t", -1);
      for (int i = 0; i < words.length; i++) {
        words[i] = URLDecoder.decode(words[i], "UTF-8");
      }
      if (words[0].equals("done")) {
        finish(steps);
      } else if (words[0].equals("files")) {
        int count = Integer.parseInt(words[2]);
        for (int part = 0; part < THREADS; part++) {
          int first = part;
          String prefix = has(words, 3) ? words[3] : "f";
          steps.add(threads.submit(() -> maker.files(words[1] + "/" + prefix, first, count)));
        }
      } else {
        steps.add(threads.submit(() -> maker.step(words)));
      }
    }
    finish(steps);
    System.out.flush();
    System.exit(0);
  }

  private static void finish(List<Future<String>> steps) throws InterruptedException, ExecutionException {
    for (Future<String> step : steps) {
      String words = step.get();
      if (words != null) {
        System.out.println(words);
      }
    }
    steps.clear();
  }

  private String files(String prefix, int first, int count) throws IOException {
    for (int number = first; number < count; number += THREADS) {
      fileSystem.create(path(prefix + number)).close();
    }
    return null;
  }

  private String step(String[] words) throws IOException {
    Path path = path(words[1]);
    switch (words[0]) {
      case "dir":
        fileSystem.mkdirs(path);
        permit(path, words);
        return null;
      case "file":
        fileSystem.create(path).close();
        permit(path, words);
        return null;
      case "perm":
        permit(path, words);
        return null;
      case "rm":
        fileSystem.delete(path, true);
        return null;
      case "mv":
        if (!fileSystem.rename(path, path(words[2]))) {
          throw new IOException("cannot rename " + path);
        }
        return null;
      case "open":
        return opens(path) ? "yes" : "no";
      default:
        throw new IOException("no step: " + words[0]);
    }
  }

  private void permit(Path path, String[] words) throws IOException {
    if (has(words, 3) || has(words, 4)) {
      fileSystem.setOwner(path, has(words, 3) ? words[3] : null, has(words, 4) ? words[4] : null);
    }
    if (has(words, 2) && !words[2].equals("-")) {
      fileSystem.setPermission(path, new FsPermission(Short.parseShort(words[2], 8)));
    }
    if (has(words, 5)) {
      fileSystem.modifyAclEntries(path, AclEntry.parseAclSpec(words[5], true));
    }
  }

  private boolean opens(Path path) throws IOException {
    try (FSDataInputStream in = fileSystem.open(path)) {
      return true;
    } catch (AccessControlException | FileNotFoundException no) {
      return false;
    }
  }

  private static boolean has(String[] words, int index) {
    return words.length > index && !words[index].isEmpty();
  }

  /** Taken as it is: nothing in it is a URI's. */
  private static Path path(String path) {
    return new Path(null, null, path);
  }
}
