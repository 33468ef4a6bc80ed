package authorizer.grant;

import java.net.URI;
import org.apache.hadoop.conf.Configuration;

/** The name of a NameNode's namespace, as it goes into handles: the same on the NameNode and in the jobs. */
public final class Nameservice {
  /** Names it where the rest of the configuration does not say the same everywhere. */
  public static final String KEY = "authorizer.nameservice";

  private static final String OWN = "dfs.nameservice.id";
  private static final String ALL = "dfs.nameservices";
  private static final String DEFAULT_FILE_SYSTEM = "fs.defaultFS";

  private Nameservice() {}

  /**
   * The nameservice that a configuration names: {@link #KEY}; else {@code dfs.nameservice.id}; else the one of {@code
   * dfs.nameservices}, if it is the only one; else host and port of {@code fs.defaultFS}.
   *
   * @return null where it names none
   */
  public static String of(Configuration conf) {
    for (String key : new String[] {KEY, OWN}) {
      String name = conf.getTrimmed(key, "");
      if (!name.isEmpty()) {
        return name;
      }
    }
    String[] names = conf.getTrimmedStrings(ALL);
    if (names.length == 1) {
      return names[0];
    }
    try {
      return URI.create(conf.getTrimmed(DEFAULT_FILE_SYSTEM, "file:///")).getAuthority();
    } catch (IllegalArgumentException notAnAddress) {
      return null;
    }
  }
}
