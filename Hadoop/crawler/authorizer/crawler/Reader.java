package authorizer.crawler;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.permission.AclEntry;
import org.apache.hadoop.fs.permission.AclEntryScope;
import org.apache.hadoop.fs.permission.AclEntryType;
import org.apache.hadoop.fs.permission.FsAction;

/**
 * The one who crawls, as the NameNode knows them, and what HDFS lets them read: the rules of Hadoop's
 * {@code FSPermissionChecker}, word by word.
 */
final class Reader {
    private static final int OWNER_SHIFT = 6;
    private static final int GROUP_SHIFT = 3;
    private static final int READ = 4;

    /** What owner, group and mode say. */
    enum Readability { YES, NO, BY_ACL }

    final String shortName;
    final List<String> groups;
    final boolean isSuperuser;
    private final Set<String> groupSet;

    Reader(String shortName, List<String> groups, boolean isSuperuser) {
        this.shortName = shortName;
        this.groups = Collections.unmodifiableList(new ArrayList<>(groups));
        this.isSuperuser = isSuperuser;
        groupSet = new HashSet<>(groups);
    }

    /**
     * May the data of a file with this permission be read, the way to it being open?
     *
     * @return {@code BY_ACL} where only the entries of its ACL can tell
     */
    Readability mayRead(Permission permission) {
        if (isSuperuser) {
            return Readability.YES;
        }
        if (shortName.equals(permission.owner)) {
            return of(permission.mode >> OWNER_SHIFT);
        }
        if (permission.hasAcl) {
            // With an ACL the group bits are its mask: without them no entry gives anything, and the other bits
            // count only where no entry matches.
            boolean nobodyElse = ((permission.mode >> GROUP_SHIFT | permission.mode) & READ) == 0;
            return nobodyElse ? Readability.NO : Readability.BY_ACL;
        }
        return of(groupSet.contains(permission.group) ? permission.mode >> GROUP_SHIFT : permission.mode);
    }

    /**
     * The same by the entries of the ACL.
     *
     * @param permission the owner, group and mode of the same moment
     */
    boolean mayRead(Permission permission, List<AclEntry> entries) {
        if (isSuperuser) {
            return true;
        }
        boolean isExtended = false;
        for (AclEntry entry : entries) {
            isExtended |= entry.getScope() == AclEntryScope.ACCESS;
        }
        if (!isExtended || shortName.equals(permission.owner)) {
            Permission plain = new Permission(permission.owner, permission.group, permission.mode, false);
            return mayRead(plain) == Readability.YES;
        }
        boolean maskReads = (permission.mode >> GROUP_SHIFT & READ) != 0;
        boolean matched = false;
        for (AclEntry entry : entries) {
            if (entry.getScope() != AclEntryScope.ACCESS || !concerns(entry, permission)) {
                continue;
            }
            matched = true;
            if (maskReads && entry.getPermission().implies(FsAction.READ)) {
                return true;
            }
            if (entry.getType() == AclEntryType.USER) {
                return false;
            }
        }
        return !matched && (permission.mode & READ) != 0;
    }

    private boolean concerns(AclEntry entry, Permission permission) {
        switch (entry.getType()) {
            case USER:
                return shortName.equals(entry.getName());
            case GROUP:
                return groupSet.contains(entry.getName() == null ? permission.group : entry.getName());
            default:
                return false;
        }
    }

    private static Readability of(int bits) {
        return (bits & READ) != 0 ? Readability.YES : Readability.NO;
    }
}
