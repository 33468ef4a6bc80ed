package authorizer.crawler;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.permission.FsPermission;

/** What a listing says about who may read: owner, group, mode, and whether there is an ACL besides. */
final class Permission {
    private static final MethodHandle HAS_ACL = hasAcl();

    final String owner;
    final String group;
    /** As {@code FsPermission.toShort}: nine permission bits and the sticky bit. */
    final int mode;
    final boolean hasAcl;

    Permission(String owner, String group, int mode, boolean hasAcl) {
        this.owner = owner;
        this.group = group;
        this.mode = mode;
        this.hasAcl = hasAcl;
    }

    static Permission of(FileStatus status) {
        return new Permission(
            status.getOwner(), status.getGroup(), status.getPermission().toShort() & 01777, hasAcl(status));
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof Permission)) {
            return false;
        }
        Permission that = (Permission) other;
        return mode == that.mode && hasAcl == that.hasAcl && owner.equals(that.owner) && group.equals(that.group);
    }

    @Override
    public int hashCode() {
        return (owner.hashCode() * 31 + group.hashCode()) * 31 + mode * 2 + (hasAcl ? 1 : 0);
    }

    private static boolean hasAcl(FileStatus status) {
        try {
            return HAS_ACL == null ? aclBit(status.getPermission()) : (boolean) HAS_ACL.invokeExact(status);
        } catch (Error | RuntimeException error) {
            throw error;
        } catch (Throwable error) {
            throw new IllegalStateException(error);
        }
    }

    @SuppressWarnings("deprecation")
    private static boolean aclBit(FsPermission permission) {
        return permission.getAclBit();
    }

    /** Hadoop 2 tells it by the permission, Hadoop 3 by the status. */
    private static MethodHandle hasAcl() {
        try {
            return MethodHandles.publicLookup()
                .findVirtual(FileStatus.class, "hasAcl", MethodType.methodType(boolean.class));
        } catch (NoSuchMethodException | IllegalAccessException olderHadoop) {
            return null;
        }
    }
}
