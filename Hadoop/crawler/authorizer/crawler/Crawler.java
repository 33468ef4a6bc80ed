package authorizer.crawler;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.HdfsConfiguration;

/**
 * Walks directories of HDFS as a data source's credential, and tells of every file whether that may read it.
 *
 * <p>Started by the service: the request comes by standard input, records go to standard output, Hadoop's log to
 * standard error. Ends when standard input ends.
 */
public final class Crawler {
    private static final int OUTPUT_BUFFER = 1 << 18;
    private static final int PROGRESS_MILLISECONDS = 500;

    private Crawler() {}

    public static void main(String[] arguments) throws IOException {
        // Whatever Hadoop prints must not get between the records.
        RecordStream stream =
            new RecordStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), OUTPUT_BUFFER));
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.err), true, "UTF-8"));
        int status = 0;
        try {
            crawl(stream);
        } catch (CrawlException failure) {
            stream.sendFailure(failure.kind, failure.getMessage());
            status = 1;
        } catch (IOException | InterruptedException | RuntimeException failure) {
            stream.sendFailure(FailureKind.CRAWLER, Words.of(failure));
            status = 1;
        }
        // At once: a client of Hadoop that tries again in the background keeps nobody.
        Runtime.getRuntime().halt(status);
    }

    private static void crawl(RecordStream stream) throws CrawlException, IOException, InterruptedException {
        DataInputStream in = new DataInputStream(System.in);
        Request request = Request.read(in);
        endWith(in);
        Configuration configuration = new HdfsConfiguration();
        Login.from(request, configuration);
        Pace pace = new Pace(request.callsPerSecond, request.threads);
        AtomicReference<Walk> walk = new AtomicReference<>();
        tellOf(() -> walk.get() == null ? request.starts.size() : walk.get().toGo(), pace, stream);
        NameNode nameNode = null;
        Reader reader = null;
        for (long failingSince = System.nanoTime(); reader == null; ) {
            try {
                nameNode = nameNode == null ? new NameNode(configuration, pace) : nameNode;
                reader = nameNode.reader(request.starts.isEmpty() ? "/" : request.starts.get(0));
            } catch (IOException | RuntimeException problem) {
                if (System.nanoTime() - failingSince > request.retrySeconds * 1_000_000_000L) {
                    throw new CrawlException(FailureKind.HDFS, "the NameNode does not answer: " + Words.of(problem));
                }
                pace.pushedBack("the NameNode does not answer: " + Words.of(problem));
            }
        }
        stream.sendReader(reader);
        walk.set(new Walk(request, nameNode, reader, stream));
        walk.get().run();
        stream.sendEnd(pace.calls());
    }

    /** Ends this process when the one that started it closes its end, or is no more. */
    private static void endWith(InputStream in) {
        daemon("standard-input", () -> {
            try {
                while (in.read() >= 0) {
                    // Nothing is to come but the end.
                }
            } catch (IOException theEnd) {
                // As good as the end.
            }
            Runtime.getRuntime().halt(2);
        });
    }

    private static void tellOf(IntSupplier directoriesToGo, Pace pace, RecordStream stream) {
        daemon("progress", () -> {
            try {
                while (true) {
                    Thread.sleep(PROGRESS_MILLISECONDS);
                    RecordBuffer record = new RecordBuffer();
                    record.begin(RecordType.PROGRESS).number(directoriesToGo.getAsInt()).wide(pace.calls())
                        .number((int) Math.round(pace.share() * 1000)).text(pace.trouble()).end();
                    stream.flush(record);
                }
            } catch (IOException | InterruptedException nobodyListens) {
                // The crawl itself finds that out.
            }
        });
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
