package authorizer.namenode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.hdfs.security.token.delegation.DelegationTokenSecretManager;
import org.apache.hadoop.hdfs.server.namenode.HdfsAuditLogger;
import org.apache.hadoop.ipc.CallerContext;
import org.apache.hadoop.security.UserGroupInformation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service of superusers' reads of covered files, which HDFS never asks its attribute provider about. To be
 * named in {@code dfs.namenode.audit.loggers}, behind {@code default}.
 *
 * <p>The NameNode makes one instance ({@code FSNamesystem.initAuditLoggers}) and calls it on the thread that serves the
 * call, after the namesystem's lock was released and before the client has its answer. Nothing here waits, and nothing
 * that fails here fails the call. Everybody else's reads are asked about, and so are recorded already.
 */
public final class SuperuserReads extends HdfsAuditLogger {
  private static final Logger LOG = LoggerFactory.getLogger(SuperuserReads.class);
  private static final String OPEN = "open";
  private static final String SUPERGROUP = "dfs.permissions.superusergroup";

  private final ThrottledLog faults = new ThrottledLog(LOG);
  private String owner;
  private String supergroup;

  /** As {@code FSNamesystem} finds out who is a superuser. */
  @Override
  public void initialize(Configuration conf) {
    try {
      owner = UserGroupInformation.getCurrentUser().getShortUserName();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    supergroup = conf.get(SUPERGROUP, "supergroup");
  }

  /** An event, from Hadoop 2.8 on. */
  @Override
  public void logAuditEvent(
      boolean succeeded,
      String userName,
      InetAddress address,
      String command,
      String source,
      String destination,
      FileStatus status,
      CallerContext callerContext,
      UserGroupInformation user,
      DelegationTokenSecretManager tokens) {
    noteSafely(succeeded, address, command, source, user);
  }

  /** An event, on Hadoop 2.7. */
  @Override
  public void logAuditEvent(
      boolean succeeded,
      String userName,
      InetAddress address,
      String command,
      String source,
      String destination,
      FileStatus status,
      UserGroupInformation user,
      DelegationTokenSecretManager tokens) {
    noteSafely(succeeded, address, command, source, user);
  }

  private void noteSafely(
      boolean succeeded, InetAddress address, String command, String source, UserGroupInformation user) {
    if (!succeeded || !OPEN.equals(command) || source == null || user == null) {
      return;
    }
    Authorizer authorizer = Authorizer.running();
    if (authorizer == null) {
      faults.warn("a superuser's read is not recorded: the attribute provider of the authorizer does not run", null);
      return;
    }
    try {
      if (isSuperuser(user)) {
        authorizer.noteSuperuserRead(Caller.of(user, address), HdfsPath.ofName(source));
      }
    } catch (VirtualMachineError beyondUs) {
      throw beyondUs;
    } catch (RuntimeException | Error fault) {
      authorizer.counters.faults.increment();
      faults.warn("a superuser's read could not be recorded for a fault of the plug-in", fault);
    }
  }

  /** As {@code FSPermissionChecker} has it. */
  private boolean isSuperuser(UserGroupInformation user) {
    return user.getShortUserName().equals(owner) || Arrays.asList(user.getGroupNames()).contains(supergroup);
  }
}
