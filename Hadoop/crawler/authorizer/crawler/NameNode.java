package authorizer.crawler;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.permission.AclStatus;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.tools.GetGroups;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.tools.GetUserMappingsProtocol;

/** The calls of a crawl, each of them counted and paced. Used by several threads. */
final class NameNode {
    private final FileSystem fileSystem;
    private final Configuration configuration;
    private final Pace pace;

    NameNode(Configuration configuration, Pace pace) throws IOException {
        this.configuration = configuration;
        this.pace = pace;
        fileSystem = FileSystem.get(configuration);
    }

    Pace pace() {
        return pace;
    }

    AclStatus acl(String path) throws IOException, InterruptedException {
        pace.paid(1);
        return fileSystem.getAclStatus(path(path));
    }

    /** HDFS's own answer to: may this file be read? */
    boolean lets(String path) throws IOException, InterruptedException {
        pace.paid(1);
        try {
            fileSystem.access(path(path), FsAction.READ);
            return true;
        } catch (AccessControlException refused) {
            return false;
        }
    }

    /** The entries of a directory, fetched in batches as they are asked for; an RPC that was needed has been paid. */
    Listing list(String path) throws IOException, InterruptedException {
        return new Listing(path(path));
    }

    /** How the NameNode knows the one who is logged in. */
    Reader reader(String anyPath) throws IOException, InterruptedException {
        String shortName = Login.shortName();
        pace.paid(2);
        return new Reader(shortName, Arrays.asList(groups(anyPath).getGroupsForUser(shortName)), isSuperuser(anyPath));
    }

    private GetUserMappingsProtocol groups(String anyPath) throws IOException {
        URI nameService = nameService(path(anyPath));
        Configuration there = new Configuration(configuration);
        FileSystem.setDefaultUri(there, nameService.getScheme() + "://" + nameService.getAuthority());
        return new Mapping(there).getUgmProtocol();
    }

    /** Where a path lies: with a mount table, the NameNode behind it. */
    private URI nameService(Path path) throws IOException {
        if (fileSystem instanceof DistributedFileSystem) {
            return fileSystem.getUri();
        }
        try {
            return fileSystem.resolvePath(path).toUri();
        } catch (FileNotFoundException | AccessControlException problem) {
            // What is not there, or cannot be reached, is told of when it is crawled.
            if (path.getParent() == null) {
                throw problem;
            }
            return nameService(path.getParent());
        }
    }

    /** Asks for something that HDFS tells superusers only, and that costs nothing. */
    private boolean isSuperuser(String anyPath) throws IOException {
        if (!(fileSystem instanceof DistributedFileSystem)) {
            return false;
        }
        try {
            fileSystem.listCorruptFileBlocks(path(anyPath));
            return true;
        } catch (AccessControlException itIsNot) {
            return false;
        } catch (RemoteException refused) {
            // The client unwraps the exceptions of other calls.
            if (refused.unwrapRemoteException(AccessControlException.class) instanceof AccessControlException) {
                return false;
            }
            throw refused;
        }
    }

    private static Path path(String path) {
        return new Path(null, null, path);
    }

    /** Hadoop's `hdfs groups`, for its way to the NameNode. */
    private static final class Mapping extends GetGroups {
        Mapping(Configuration configuration) {
            super(configuration);
        }

        @Override
        protected GetUserMappingsProtocol getUgmProtocol() throws IOException {
            return super.getUgmProtocol();
        }
    }

    /** A directory's entries. Used by the thread that made it. */
    final class Listing {
        private final RemoteIterator<FileStatus> entries;
        private long callsBefore;

        private Listing(Path directory) throws IOException, InterruptedException {
            callsBefore = callsOfThisThread();
            entries = fileSystem.listStatusIterator(directory);
            pay(1);
        }

        /** The next entry; {@code null} after the last. */
        FileStatus next() throws IOException, InterruptedException {
            boolean more = entries.hasNext();
            pay(0);
            return more ? entries.next() : null;
        }

        private void pay(int atLeast) throws InterruptedException {
            long now = callsOfThisThread();
            long made = Math.max(atLeast, now - callsBefore);
            callsBefore = now;
            if (made > 0) {
                pace.paid(made);
            }
        }

        /** What Hadoop has counted for this thread: a batch is fetched where only the iterator sees it. */
        @SuppressWarnings("deprecation")
        private long callsOfThisThread() {
            return FileSystem.getStatistics("hdfs", DistributedFileSystem.class).getThreadStatistics().getReadOps();
        }
    }
}
