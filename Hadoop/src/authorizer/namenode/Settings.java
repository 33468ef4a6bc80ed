package authorizer.namenode;

import authorizer.grant.Nameservice;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.Paths;
import org.apache.hadoop.conf.Configuration;

/** What the administrator has set in Hadoop's configuration. Immutable. */
final class Settings {
  private static final String SOCKET = "authorizer.socket.path";
  private static final String DEADLINE = "authorizer.deadline.ms";
  private static final String MODE = "authorizer.failure.mode";
  private static final String STALE_AGE = "authorizer.stale.max.age.seconds";
  private static final String MISSES = "authorizer.breaker.misses";
  private static final String CONNECTIONS = "authorizer.connections.max";
  private static final String COVER_FILE = "authorizer.cover.file";
  private static final String QUEUE = "authorizer.report.queue";

  private static final String BYPASS_USERS = "dfs.namenode.inode.attributes.provider.bypass.users";
  private static final String PERMISSIONS = "dfs.permissions.enabled";

  /** Greatest length of a Unix-domain socket's path on Linux, in bytes ({@code sun_path} without its terminator). */
  private static final int GREATEST_SOCKET_PATH = 107;

  /** Path of the service's socket. */
  final String socketPath;

  /** How long a question may take, in milliseconds. */
  final int deadlineMillis;

  final FailureMode failureMode;

  /** Up to which age a last known answer is given again, in seconds. */
  final int staleAgeSeconds;

  /** After how many misses in a row nobody asks any more. */
  final int breakerMisses;

  /** How many connections may be open for questions. */
  final int greatestConnections;

  /** Where the last known cover is kept; null for nowhere. */
  final Path coverFile;

  /** How many answers by the failure mode are kept for the service. */
  final int reportQueue;

  /** Of this NameNode; null where nothing names it, and then no read comes under a grant. */
  final String nameservice;

  /**
   * Reads the settings.
   *
   * @throws IllegalArgumentException when a value is not allowed, or another part of the configuration would let reads
   *     past the authorizer; the message names the key, its value and what is allowed
   */
  Settings(Configuration conf) {
    refuseBypass(conf);
    socketPath = socketPath(conf);
    deadlineMillis = number(conf, DEADLINE, 20, 1, 10_000);
    failureMode = failureMode(conf);
    staleAgeSeconds = number(conf, STALE_AGE, 600, 1, 604_800);
    breakerMisses = number(conf, MISSES, 3, 1, 1_000_000);
    greatestConnections = number(conf, CONNECTIONS, 128, 1, 10_000);
    coverFile = coverFile(conf);
    reportQueue = number(conf, QUEUE, 100_000, 1, 10_000_000);
    nameservice = Nameservice.of(conf);
  }

  private static void refuseBypass(Configuration conf) {
    String[] users = conf.getTrimmedStrings(BYPASS_USERS);
    if (users.length > 0) {
      throw refusal(BYPASS_USERS, conf.get(BYPASS_USERS), "empty: HDFS asks the authorizer about none of these users");
    }
    String permissions = conf.getTrimmed(PERMISSIONS, "true");
    if (!permissions.equalsIgnoreCase("true")) {
      throw refusal(PERMISSIONS, permissions, "`true`: without permissions HDFS never asks the authorizer");
    }
  }

  private static String socketPath(Configuration conf) {
    String path = conf.getTrimmed(SOCKET, "/run/authorizer/authorizer.sock");
    if (!path.startsWith("/") || path.getBytes(StandardCharsets.UTF_8).length > GREATEST_SOCKET_PATH) {
      throw refusal(SOCKET, path, "an absolute path of at most " + GREATEST_SOCKET_PATH + " bytes");
    }
    return path;
  }

  private static FailureMode failureMode(Configuration conf) {
    String mode = conf.getTrimmed(MODE, "deny");
    switch (mode) {
      case "deny":
        return FailureMode.DENY;
      case "stale":
        return FailureMode.STALE;
      case "native":
        return FailureMode.NATIVE;
      default:
        throw refusal(MODE, mode, "`deny`, `stale` or `native`");
    }
  }

  private static Path coverFile(Configuration conf) {
    String path = conf.getTrimmed(COVER_FILE, "");
    if (path.isEmpty()) {
      return null;
    }
    try {
      Path file = Paths.get(path);
      if (file.isAbsolute() && file.getFileName() != null) {
        return file;
      }
    } catch (InvalidPathException notAPath) {
      // Refused below, in the same words.
    }
    throw refusal(COVER_FILE, path, "the absolute path of a file");
  }

  private static int number(Configuration conf, String key, int preset, int least, int greatest) {
    String value = conf.getTrimmed(key, Integer.toString(preset));
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= greatest) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      // Refused below, in the same words.
    }
    throw refusal(key, value, "a whole number from " + least + " to " + greatest);
  }

  private static IllegalArgumentException refusal(String key, String value, String allowed) {
    return new IllegalArgumentException(key + " is `" + value + "`: it must be " + allowed);
  }
}
