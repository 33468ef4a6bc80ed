package authorizer.namenode;

import org.apache.hadoop.conf.Configurable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider;
import org.apache.hadoop.hdfs.server.namenode.INodeAttributes;

/**
 * Lets the authorizer decide who may read which file. To be named in {@code
 * dfs.namenode.inode.attributes.provider.class}.
 *
 * <p>The NameNode makes one instance ({@code ReflectionUtils.newInstance} in the constructor of {@code FSNamesystem},
 * which calls {@link #setConf}) and starts it before it serves anybody. Whatever either method throws keeps it from
 * starting.
 */
public final class AuthorizerAttributeProvider extends INodeAttributeProvider implements Configurable {
  private Configuration conf;
  private Settings settings;
  private volatile Authorizer authorizer;

  /**
   * Takes the configuration.
   *
   * @throws IllegalArgumentException when it does not allow the authorizer to do its work; the message says what to set
   */
  @Override
  public void setConf(Configuration conf) {
    this.conf = conf;
    settings = new Settings(conf);
  }

  @Override
  public Configuration getConf() {
    return conf;
  }

  /**
   * Begins. Does not wait for the service, which may come up later.
   *
   * @throws IllegalStateException when this Java has no way to the service's socket
   */
  @Override
  public void start() {
    Authorizer started = new Authorizer(settings, Transports.forSocket(settings.socketPath));
    started.start();
    authorizer = started;
  }

  @Override
  public void stop() {
    Authorizer started = authorizer;
    if (started != null) {
      started.stop();
    }
  }

  /** The attributes as they are. Called for every component of every path. */
  @Override
  @SuppressWarnings("deprecation") // In Hadoop 3; other versions have no other.
  public INodeAttributes getAttributes(String fullPath, INodeAttributes inode) {
    return inode;
  }

  /** The attributes as they are. */
  @Override
  public INodeAttributes getAttributes(String[] pathElements, INodeAttributes inode) {
    return inode;
  }

  /** The attributes as they are. */
  @Override
  public INodeAttributes getAttributes(byte[][] components, INodeAttributes inode) {
    return inode;
  }

  /**
   * The enforcer for one check.
   *
   * @param hdfs HDFS's own enforcer for this check; null in the probe of Hadoop 3.3.3 and later
   */
  @Override
  public AccessControlEnforcer getExternalAccessControlEnforcer(AccessControlEnforcer hdfs) {
    return Enforcers.forCheck(authorizer.guard, hdfs);
  }

  /** What the plug-in has counted since it was started. */
  Counters counters() {
    return authorizer.counters;
  }
}
