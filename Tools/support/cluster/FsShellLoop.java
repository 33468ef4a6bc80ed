import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.util.Tool;
import org.apache.hadoop.util.ToolRunner;

/**
 * Runs many of Hadoop's command line tools in one JVM, since a JVM for each costs seconds.
 *
 * <p>Reads requests from standard input, one JSON object to a line, and answers each with one on
 * standard output:
 *
 * <pre>
 *   {"tool": CLASS, "args": [ARG...], "stdin": BASE64}
 *   {"returncode": N, "stdout": BASE64, "stderr": BASE64}
 * </pre>
 *
 * CLASS is a {@link Tool} with a constructor that takes a {@link Configuration}. Ends with its input.
 */
final class FsShellLoop {
    private static final ObjectMapper JSON = new ObjectMapper();

    private FsShellLoop() {}

    public static void main(String[] arguments) throws IOException {
        PrintStream answers = System.out;
        BufferedReader requests =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            answers.println(JSON.writeValueAsString(answer(JSON.readTree(line))));
            answers.flush();
        }
    }

    private static ObjectNode answer(JsonNode request) throws IOException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        PrintStream originalOutput = System.out;
        PrintStream originalErrors = System.err;
        System.setIn(new ByteArrayInputStream(request.get("stdin").binaryValue()));
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        int status;
        try {
            status =
                    run(
                            request.get("tool").asText(),
                            JSON.convertValue(request.get("args"), String[].class));
        } finally {
            System.out.flush();
            System.err.flush();
            System.setOut(originalOutput);
            System.setErr(originalErrors);
        }
        return JSON.createObjectNode()
                .put("returncode", status)
                .put("stdout", output.toByteArray())
                .put("stderr", errors.toByteArray());
    }

    /** Ends every connection, so that each command authenticates anew, as in a JVM of its own. */
    private static void disconnect() {
        try {
            FileSystem.closeAll();
        } catch (IOException e) {
            e.printStackTrace();
        }
    }

    /** The tool's exit status; 1, with the stack trace on standard error, when it throws. */
    private static int run(String tool, String[] arguments) {
        try {
            Configuration configuration = new HdfsConfiguration();
            return ToolRunner.run(
                    configuration,
                    Class.forName(tool)
                            .asSubclass(Tool.class)
                            .getConstructor(Configuration.class)
                            .newInstance(configuration),
                    arguments);
        } catch (Exception e) {
            e.printStackTrace();
            return 1;
        } finally {
            disconnect();
        }
    }
}
