package authorizer.crawler;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What a crawl is asked to do: the first bytes on standard input. {@code docs/crawl.md} has the layout. */
final class Request {
    static final int MAGIC = 0x415A4352;
    static final int VERSION = 1;

    private static final int LONGEST_TEXT = 1 << 16;

    /** The principal to log in as; empty where the cluster has no Kerberos, for the user that the process runs as. */
    final String principal;
    /** Path of its keytab. */
    final String keytab;
    /** How many directories are listed at the same time. */
    final int threads;
    /** Calls to the NameNode in a second, of any kind; 0 for no limit. */
    final int callsPerSecond;
    /** How many files' answers are compared with HDFS's own; 0 for none. */
    final int checks;
    /** How long calls that fail are tried again, in seconds. */
    final int retrySeconds;
    /** Whether the directories in a directory are listed too, and those in them. */
    final boolean descends;
    /** Absolute paths that are left out, with all below them. */
    final List<String> excluded;
    /** Absolute paths where the crawl begins: directories, or files. */
    final List<String> starts;

    private Request(DataInputStream in) throws IOException {
        if (in.readInt() != MAGIC) {
            throw new IOException("standard input holds no crawl request: the service starts this program");
        }
        int version = in.readInt();
        if (version != VERSION) {
            throw new IOException(
                "the request has version " + version + " and this crawler reads " + VERSION
                    + ": install the crawler's jar of the same release as the service");
        }
        principal = text(in);
        keytab = text(in);
        threads = atLeast(1, in.readInt(), "threads");
        callsPerSecond = atLeast(0, in.readInt(), "calls per second");
        checks = atLeast(0, in.readInt(), "checks");
        retrySeconds = atLeast(0, in.readInt(), "retry seconds");
        descends = atLeast(0, in.readInt(), "descends") != 0;
        excluded = texts(in);
        starts = texts(in);
    }

    /**
     * Reads a request, and nothing after it.
     *
     * @throws IOException if there is none, or it is of another release
     */
    static Request read(DataInputStream in) throws IOException {
        return new Request(in);
    }

    private static List<String> texts(DataInputStream in) throws IOException {
        int count = atLeast(0, in.readInt(), "a count");
        List<String> texts = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            texts.add(text(in));
        }
        return Collections.unmodifiableList(texts);
    }

    private static String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > LONGEST_TEXT) {
            throw new IOException("a text of " + length + " bytes in the request");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static int atLeast(int least, int value, String what) throws IOException {
        if (value < least) {
            throw new IOException(what + " is " + value + " in the request: it must be at least " + least);
        }
        return value;
    }
}
