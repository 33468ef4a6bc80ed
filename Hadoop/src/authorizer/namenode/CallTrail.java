package authorizer.namenode;

import java.lang.ref.WeakReference;
import org.apache.hadoop.ipc.Server;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * What the call that a thread serves has been checked for so far, as far as moving data is concerned.
 *
 * <p>A rename and a concat are each several checks. On Hadoop 2.7.4 and 3.3.6 all of them come on one thread, under the
 * namesystem's write lock, from one {@code FSPermissionChecker}, and in this order:
 *
 * <ul>
 *   <li>{@code FSDirRenameOp.renameTo}: removal of the source (with {@code subAccess} when it goes to the trash), then
 *       creation of the destination, the source's name already appended to a destination that is a directory;
 *   <li>{@code FSDirConcatOp.concat}: write of the target, then for each source a read and a removal.
 * </ul>
 *
 * <p>No other operation has a creation after a removal, or a removal after the write of a file, in one call. Calls are
 * told apart by identity: the RPC server has one call object for each, and on WebHDFS's own threads, where there is
 * none, {@code UserGroupInformation.getCurrentUser} makes a user object for each checker.
 */
final class CallTrail {
  private static final ThreadLocal<CallTrail> OF_THREAD = ThreadLocal.withInitial(CallTrail::new);
  private static final WeakReference<Object> NONE = new WeakReference<>(null);

  private WeakReference<Object> call = NONE;
  private WeakReference<Object> user = NONE;
  private HdfsPath written;
  private HdfsPath removed;

  private CallTrail() {}

  /** The trail of the call that this thread serves for this user; empty if the last check was for another call. */
  static CallTrail current(UserGroupInformation user) {
    CallTrail trail = OF_THREAD.get();
    trail.follow(Server.getCurCall().get(), user);
    return trail;
  }

  /** Notes that a file is to be written. */
  void write(HdfsPath path) {
    written = path;
  }

  /** Notes that a path is to vanish. */
  void remove(HdfsPath path) {
    removed = path;
  }

  /** The file that is to be written; null if there is none. */
  HdfsPath written() {
    return written;
  }

  /** The path that is to vanish, which is forgotten with this; null if there is none. */
  HdfsPath takeRemoved() {
    HdfsPath path = removed;
    removed = null;
    return path;
  }

  private void follow(Object currentCall, UserGroupInformation currentUser) {
    if (call.get() == currentCall && user.get() == currentUser) {
      return;
    }
    call = currentCall == null ? NONE : new WeakReference<>(currentCall);
    user = new WeakReference<>(currentUser);
    written = null;
    removed = null;
  }
}
