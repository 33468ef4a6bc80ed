package authorizer.crawler;

import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Standard output: the records of a crawl, in the order in which they are to be taken.
 *
 * <p>Threads write whole {@link RecordBuffer}s; what one thread sent before another began is read before it.
 */
final class RecordStream {
    private static final int VERSION = 1;

    private final OutputStream out;
    private final Map<Permission, Integer> permissions = new HashMap<>();

    RecordStream(OutputStream out) {
        this.out = out;
    }

    /** Sends what a buffer holds, and empties it. */
    synchronized void send(RecordBuffer buffer) throws IOException {
        buffer.writeTo(out);
    }

    /** Sends what a buffer holds so that the reader has it when this returns. */
    synchronized void flush(RecordBuffer buffer) throws IOException {
        buffer.writeTo(out);
        out.flush();
    }

    /** The number by which records name a permission; it is told the first time. */
    synchronized int number(Permission permission) throws IOException {
        Integer known = permissions.get(permission);
        if (known != null) {
            return known;
        }
        int number = permissions.size();
        RecordBuffer record = new RecordBuffer();
        record.begin(RecordType.PERMISSION).number(number).text(permission.owner).text(permission.group)
            .number(permission.mode).octet(permission.hasAcl ? 1 : 0).end();
        record.writeTo(out);
        permissions.put(permission, number);
        return number;
    }

    /** Says who crawls, and by which groups the NameNode knows them. */
    void sendReader(Reader reader) throws IOException {
        RecordBuffer record = new RecordBuffer();
        record.begin(RecordType.READER).number(VERSION).text(reader.shortName).octet(reader.isSuperuser ? 1 : 0);
        List<String> groups = reader.groups;
        record.number(groups.size());
        for (String group : groups) {
            record.text(group);
        }
        record.end();
        flush(record);
    }

    /** Says, as the last record, that everything was crawled. */
    void sendEnd(long calls) throws IOException {
        RecordBuffer record = new RecordBuffer();
        record.begin(RecordType.END).wide(calls).end();
        flush(record);
    }

    /** Says, as the last record, why not everything was crawled. */
    void sendFailure(FailureKind kind, String words) throws IOException {
        RecordBuffer record = new RecordBuffer();
        record.begin(RecordType.FAILURE).octet(kind.code).text(words).end();
        flush(record);
    }
}
