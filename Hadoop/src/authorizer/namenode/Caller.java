package authorizer.namenode;

import java.net.InetAddress;
import org.apache.hadoop.ipc.Server;
import org.apache.hadoop.security.UserGroupInformation;

/** Who calls the NameNode, and from where. Immutable. */
final class Caller {
  /** Greatest length of a caller context that is sent on, in characters; of a longer one nothing is sent. */
  private static final int GREATEST_CONTEXT = 16_384;

  /** The name as the NameNode has it: a principal, or bare for proxy users and on WebHDFS. */
  final String principal;

  /** The user behind a proxied call; null where there is none. */
  final String realUser;

  /** Numeric address of the client; null where it is not known. */
  final String clientAddress;

  /** The caller context as the client claims it; null where there is none, or where Hadoop has none (2.7). */
  final String context;

  Caller(String principal, String realUser, String clientAddress, String context) {
    this.principal = principal;
    this.realUser = realUser;
    this.clientAddress = clientAddress;
    this.context = context;
  }

  /** The caller of the call that this thread serves. */
  static Caller of(UserGroupInformation user) {
    return of(user, Server.getRemoteIp());
  }

  /**
   * The caller of the call that this thread serves.
   *
   * @param address the client's; null where it has to be looked for
   */
  static Caller of(UserGroupInformation user, InetAddress address) {
    UserGroupInformation real = user.getRealUser();
    String context = CallerContexts.current();
    return new Caller(
        user.getUserName(),
        real == null ? null : real.getUserName(),
        address == null ? WebHdfsAddress.current() : address.getHostAddress(),
        context == null || context.length() > GREATEST_CONTEXT ? null : context);
  }
}
