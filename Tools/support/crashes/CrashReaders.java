import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.PrivilegedExceptionAction;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.ipc.CallerContext;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * Reads files as several users until the NameNode is gone, and says which reads were answered. Each read asks the
 * NameNode once, and carries a caller context of its own, by which its audit record is found.
 *
 * <p>Arguments: {@code DIRECTORY FILES USER=PRINCIPAL=KEYTAB=THREADS...}. The file {@code DIRECTORY/N} holds its own path.
 *
 * <p>For each {@code read ROUND} on standard input it prints {@code reading} once every thread has had an answer, then,
 * when no thread gets any more, a line {@code CONTEXT USER PATH OUTCOME} for each answer, and {@code end}. OUTCOME is
 * {@code read}, or the words of the refusal.
 */
final class CrashReaders {
    private static final long WARM_UP_NANOS = 60_000_000_000L;

    private final List<Reader> readers = new ArrayList<>();

    private CrashReaders() {}

    public static void main(String[] arguments) throws Exception {
        Configuration conf = new HdfsConfiguration();
        // A call that fails is not made again: its answer was lost with the NameNode.
        conf.setInt("ipc.client.connect.max.retries", 0);
        conf.setInt("ipc.client.connect.max.retries.on.timeouts", 0);
        conf.setBoolean("dfs.client.retry.policy.enabled", false);
        conf.setInt("dfs.client.max.block.acquire.failures", 0);
        UserGroupInformation.setConfiguration(conf);
        CrashReaders all = new CrashReaders();
        for (int i = 2; i < arguments.length; i++) {
            String[] user = arguments[i].split("=");
            for (int n = 0; n < Integer.parseInt(user[3]); n++) {
                UserGroupInformation login =
                        UserGroupInformation.loginUserFromKeytabAndReturnUGI(user[1], user[2]);
                all.add(conf, login, user[0], arguments[0], Integer.parseInt(arguments[1]));
            }
        }
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            all.read(line.substring("read ".length()));
        }
    }

    private void add(Configuration conf, UserGroupInformation login, String user, String directory, int files)
            throws Exception {
        PrivilegedExceptionAction<FileSystem> open = () -> FileSystem.newInstance(conf);
        readers.add(new Reader(login.doAs(open), user, directory, files, readers.size()));
    }

    private void read(String round) throws InterruptedException {
        CountDownLatch warm = new CountDownLatch(readers.size());
        List<Thread> threads = new ArrayList<>();
        for (Reader reader : readers) {
            Thread thread = new Thread(() -> reader.run(round, warm));
            thread.start();
            threads.add(thread);
        }
        warm.await();
        say("reading");
        for (Thread thread : threads) {
            thread.join();
        }
        for (Reader reader : readers) {
            reader.answered.forEach(CrashReaders::say);
        }
        say("end");
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static final class Reader {
        final List<String> answered = new ArrayList<>();
        private final FileSystem files;
        private final String user;
        private final String directory;
        private final int count;
        private final int number;

        Reader(FileSystem files, String user, String directory, int count, int number) {
            this.files = files;
            this.user = user;
            this.directory = directory;
            this.count = count;
            this.number = number;
        }

        /** Reads until a read has no answer. */
        void run(String round, CountDownLatch warm) {
            answered.clear();
            try {
                warmUp(round);
            } finally {
                warm.countDown();
            }
            for (int read = 0; ; read++) {
                String context = round + "-" + number + "-" + read;
                String path = directory + "/" + read % count;
                try {
                    answered.add(context + " " + user + " " + path + " " + outcome(context, path));
                } catch (IOException gone) {
                    return;
                }
            }
        }

        /**
         * A DataNode takes the block tokens of a NameNode that was started anew only when it has its keys; until then a
         * client asks again and again.
         */
        private void warmUp(String round) {
            long start = System.nanoTime();
            while (true) {
                try {
                    outcome(round + "-" + number + "-warm", directory + "/0");
                    return;
                } catch (IOException notYet) {
                    if (System.nanoTime() - start > WARM_UP_NANOS) {
                        throw new IllegalStateException(user + " has no answer", notYet);
                    }
                }
            }
        }

        private String outcome(String context, String path) throws IOException {
            CallerContext.setCurrent(new CallerContext.Builder(context).build());
            byte[] expected = path.getBytes(StandardCharsets.UTF_8);
            byte[] found = new byte[expected.length];
            try (FSDataInputStream file = files.open(new Path(path))) {
                file.readFully(0, found);
            } catch (AccessControlException refused) {
                return refused.getMessage().replace('\n', ' ');
            }
            return new String(found, StandardCharsets.UTF_8).equals(path) ? "read" : "other bytes than " + path;
        }
    }
}
