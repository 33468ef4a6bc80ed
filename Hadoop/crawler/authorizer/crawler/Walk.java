package authorizer.crawler;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.security.AccessControlException;

/** The directories of a crawl: which wait, which are being listed, and the threads that list them. */
final class Walk {
    private final Request request;
    private final NameNode nameNode;
    private final RecordStream stream;
    private final Lister lister;
    private final Set<String> excluded;
    /** The last found is listed first: what waits stays few. */
    private final Deque<String> waiting = new ArrayDeque<>();
    private final Set<String> starts;
    private int listed;
    private CrawlException failure;

    Walk(Request request, NameNode nameNode, Reader reader, RecordStream stream) {
        this.request = request;
        this.nameNode = nameNode;
        this.stream = stream;
        lister = new Lister(nameNode, reader, new Checks(nameNode, request.checks), stream);
        excluded = new HashSet<>(request.excluded);
        starts = new HashSet<>(request.starts);
        for (String start : request.starts) {
            waiting.addLast(start);
        }
    }

    /**
     * Lists everything; returns when all is sent.
     *
     * @throws CrawlException if that cannot be done
     */
    void run() throws CrawlException, InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int number = 0; number < request.threads; number++) {
            Thread thread = new Thread(this::work, "lister-" + number);
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** How many directories are known and not yet listed. */
    synchronized int toGo() {
        return waiting.size() + listed;
    }

    private void work() {
        try {
            for (String directory = take(); directory != null; directory = take()) {
                List<String> below = list(directory);
                done(below);
            }
        } catch (CrawlException problem) {
            fail(problem);
        } catch (InterruptedException | IOException problem) {
            fail(new CrawlException(FailureKind.CRAWLER, Words.of(problem)));
        } catch (RuntimeException | Error problem) {
            fail(new CrawlException(FailureKind.CRAWLER, problem.getClass().getName() + ": " + Words.of(problem)));
        }
    }

    private synchronized String take() throws InterruptedException {
        while (waiting.isEmpty() && listed > 0 && failure == null) {
            wait();
        }
        if (failure != null || waiting.isEmpty()) {
            return null;
        }
        listed++;
        return waiting.pollLast();
    }

    private synchronized void done(List<String> below) {
        listed--;
        for (String directory : below) {
            if (request.descends && !excluded.contains(directory)) {
                waiting.addLast(directory);
            }
        }
        notifyAll();
    }

    private synchronized void fail(CrawlException problem) {
        listed--;
        if (failure == null) {
            failure = problem;
        }
        notifyAll();
    }

    /**
     * Lists one directory, again and again while HDFS cannot be had. Hadoop's client throws runtime exceptions too, as
     * when another thread replaces the ticket that it is connecting with: those are no different.
     *
     * @return the paths of its directories, once all its records are sent
     */
    private List<String> list(String directory) throws CrawlException, IOException, InterruptedException {
        long failingSince = 0;
        while (true) {
            try {
                return listInTurn(directory);
            } catch (AccessControlException closed) {
                stream.flush(unlisted(directory, 1, closed));
                return new ArrayList<>();
            } catch (FileNotFoundException gone) {
                stream.flush(unlisted(directory, 2, gone));
                return new ArrayList<>();
            } catch (RecordException problem) {
                throw (IOException) problem.getCause();
            } catch (IOException | RuntimeException problem) {
                failingSince = failingSince == 0 ? System.nanoTime() : failingSince;
                tryAgain(failingSince, FailureKind.HDFS, "cannot list " + directory + ": " + Words.of(problem));
                try {
                    Login.renew();
                } catch (IOException | RuntimeException refused) {
                    tryAgain(failingSince, FailureKind.LOGIN, "cannot get a new ticket: " + Words.of(refused));
                }
            }
        }
    }

    private List<String> listInTurn(String directory) throws IOException, InterruptedException, CrawlException {
        nameNode.pace().begin();
        try {
            return lister.list(directory, starts.contains(directory));
        } finally {
            nameNode.pace().end();
        }
    }

    /** Waits, since something fails; or gives up, since that has been so for too long. */
    private void tryAgain(long failingSince, FailureKind kind, String problem)
        throws CrawlException, InterruptedException {
        if (System.nanoTime() - failingSince > request.retrySeconds * 1_000_000_000L) {
            throw new CrawlException(kind, problem);
        }
        nameNode.pace().pushedBack(problem);
    }

    private static RecordBuffer unlisted(String directory, int why, IOException problem) {
        RecordBuffer record = new RecordBuffer();
        record.begin(RecordType.UNLISTED).text(directory).octet(why).text(Words.of(problem)).end();
        return record;
    }
}
