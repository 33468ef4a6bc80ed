package authorizer.crawler;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.permission.AclStatus;

/** Makes records of one directory. Used by several threads, each at a directory of its own. */
final class Lister {
    private static final int BYTES_AT_ONCE = 1 << 16;
    private static final int REPLACES = 0;
    private static final int ADDS = 1;

    private final NameNode nameNode;
    private final Reader reader;
    private final Checks checks;
    private final RecordStream stream;
    private final AtomicInteger lastNumber = new AtomicInteger();

    Lister(NameNode nameNode, Reader reader, Checks checks, RecordStream stream) {
        this.nameNode = nameNode;
        this.reader = reader;
        this.checks = checks;
        this.stream = stream;
    }

    /**
     * Lists a directory.
     *
     * @param mayBeFile whether the path may be a file's; then there is a record of that alone
     * @return the paths of the directories in it, once its records are sent
     */
    List<String> list(String directory, boolean mayBeFile) throws IOException, InterruptedException, CrawlException {
        int number = lastNumber.incrementAndGet();
        NameNode.Listing listing = nameNode.list(directory);
        RecordBuffer records = new RecordBuffer();
        begin(records, number, directory, REPLACES);
        List<String> below = new ArrayList<>();
        String prefix = directory.equals("/") ? "/" : directory + "/";
        for (FileStatus status = listing.next(); status != null; status = listing.next()) {
            String path = status.getPath().toUri().getPath();
            if (mayBeFile && path.equals(directory) && status.isFile()) {
                // HDFS lists a file as the only entry of itself.
                sendFile(directory, status);
                return below;
            }
            if (!path.startsWith(prefix)) {
                throw new FileNotFoundException(directory + " is no directory any more");
            }
            String name = path.substring(prefix.length());
            if (status.isDirectory()) {
                Permission permission = Permission.of(status);
                records.begin(RecordType.SUBDIRECTORY).number(number).text(name).number(stream.number(permission))
                    .wide(status.getModificationTime()).end();
                below.add(path);
            } else if (status.isFile()) {
                file(records, number, name, path, status);
            }
            if (records.size() >= BYTES_AT_ONCE) {
                send(records);
            }
        }
        records.begin(RecordType.DIRECTORY_END).number(number).end();
        send(records);
        return below;
    }

    /** Sends the records of one file without what lies beside it. */
    private void sendFile(String path, FileStatus status) throws IOException, InterruptedException, CrawlException {
        int number = lastNumber.incrementAndGet();
        int slash = path.lastIndexOf('/');
        RecordBuffer records = new RecordBuffer();
        begin(records, number, slash == 0 ? "/" : path.substring(0, slash), ADDS);
        file(records, number, path.substring(slash + 1), path, status);
        records.begin(RecordType.DIRECTORY_END).number(number).end();
        send(records);
    }

    private static void begin(RecordBuffer records, int number, String directory, int how) {
        records.begin(RecordType.DIRECTORY).number(number).text(directory).octet(how).end();
    }

    private void file(RecordBuffer records, int number, String name, String path, FileStatus status)
        throws IOException, InterruptedException, CrawlException {
        Permission permission = Permission.of(status);
        boolean isReadable;
        switch (reader.mayRead(permission)) {
            case YES:
                isReadable = true;
                break;
            case NO:
                isReadable = false;
                break;
            default:
                try {
                    AclStatus acl = nameNode.acl(path);
                    // Owner, group, mode and entries of one moment; those of the listing are of another.
                    permission = new Permission(
                        acl.getOwner(), acl.getGroup(), acl.getPermission().toShort() & 01777, !acl.getEntries().isEmpty());
                    isReadable = reader.mayRead(permission, acl.getEntries());
                } catch (FileNotFoundException gone) {
                    return;
                }
        }
        if (checks.picks(permission)) {
            check(path, isReadable);
        }
        records.begin(RecordType.FILE).number(number).text(name).wide(status.getLen())
            .wide(status.getModificationTime()).number(stream.number(permission)).octet(isReadable ? 1 : 0).end();
    }

    /**
     * Compares with HDFS's own answer. Where they differ, the file may have changed in between: it is looked at anew.
     */
    private void check(String path, boolean isReadable) throws IOException, InterruptedException, CrawlException {
        try {
            if (checks.ask(path) == isReadable) {
                return;
            }
            AclStatus acl = nameNode.acl(path);
            Permission now = new Permission(acl.getOwner(), acl.getGroup(), acl.getPermission().toShort() & 01777, true);
            boolean computed = reader.mayRead(now, acl.getEntries());
            if (checks.ask(path) == computed) {
                // Changed between the listing and now. The directory is listed again, and comes out as it is.
                throw new IOException(path + " was changed while it was crawled");
            }
            throw new CrawlException(
                FailureKind.DISAGREEMENT,
                "by its owner, group, mode and ACL, " + reader.shortName + (computed ? " may" : " may not") + " read "
                    + path + ", and HDFS says the opposite: something else decides there, such as another attribute "
                    + "provider, or a NameNode whose authorizer does not answer; this data source cannot be crawled");
        } catch (FileNotFoundException gone) {
            // Nothing to compare; the next crawl does not find it.
        }
    }

    private void send(RecordBuffer records) throws RecordException {
        try {
            stream.send(records);
        } catch (IOException problem) {
            throw new RecordException(problem);
        }
    }
}
