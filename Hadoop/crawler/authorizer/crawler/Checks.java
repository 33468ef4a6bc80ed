package authorizer.crawler;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Which files' computed answers are compared with HDFS's own: the first of each permission, and after those now and
 * then another.
 */
final class Checks {
    private static final int FILES_BETWEEN = 10_000;

    private final NameNode nameNode;
    private final Set<Permission> seen = new HashSet<>();
    private int left;
    private long files;
    private int made;

    Checks(NameNode nameNode, int most) {
        this.nameNode = nameNode;
        left = most;
    }

    /** Whether a file is one to compare. */
    synchronized boolean picks(Permission permission) {
        files++;
        if (left == 0 || !(seen.add(permission) || files % FILES_BETWEEN == 0)) {
            return false;
        }
        left--;
        made++;
        return true;
    }

    synchronized int made() {
        return made;
    }

    /** HDFS's own answer. */
    boolean ask(String path) throws IOException, InterruptedException {
        return nameNode.lets(path);
    }
}
