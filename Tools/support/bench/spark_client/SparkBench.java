import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.util.Arrays;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A Spark driver that does what it is told and says how long it took: an object of JSON a line, in and out.
 *
 * <pre>
 * {"user": NAME}                            a session of this principal, from now on
 * {"plan": [TEXT...]}                       plans each: {"nanoseconds": [of each]}
 *   with "forget": true                     what is known of policies is forgotten before each
 * {"sql": TEXT}                             carries it out: {"nanoseconds": ..., "rows": [...]}
 * </pre>
 *
 * Arguments: Spark's settings, {@code name=value} each.
 */
public final class SparkBench {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private SparkBench() {}

  public static void main(String[] arguments) throws Exception {
    PrintStream answers = System.out;
    System.setOut(System.err);
    SparkSession.Builder builder = SparkSession.builder();
    for (String argument : arguments) {
      int end = argument.indexOf('=');
      builder = builder.config(argument.substring(0, end), argument.substring(end + 1));
    }
    SparkSession first = builder.getOrCreate();
    first.sparkContext().setLogLevel("OFF");
    answers.println("{}");
    SparkSession session = first;
    BufferedReader requests = new BufferedReader(new InputStreamReader(System.in));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      JsonNode request = MAPPER.readTree(line);
      String answer = "{}";
      if (request.has("user")) {
        UserGroupInformation.setLoginUser(UserGroupInformation.createRemoteUser(request.get("user").asText()));
        session = first.newSession();
      } else if (request.has("plan")) {
        answer = "{\"nanoseconds\": " + Arrays.toString(plan(session, request)) + "}";
      } else {
        long start = System.nanoTime();
        Object rows = session.sql(request.get("sql").asText()).collect();
        long taken = System.nanoTime() - start;
        answer = MAPPER.writeValueAsString(
            MAPPER.createObjectNode().put("nanoseconds", taken).put("rows", Arrays.toString((Object[]) rows)));
      }
      answers.println(answer);
      answers.flush();
    }
    first.stop();
  }

  private static long[] plan(SparkSession session, JsonNode request) throws Exception {
    boolean forgets = request.path("forget").asBoolean();
    Object authority = forgets ? authority(session) : null;
    Method forget = forgets ? authority.getClass().getMethod("forgetAll") : null;
    JsonNode texts = request.get("plan");
    long[] taken = new long[texts.size()];
    for (int number = 0; number < taken.length; number++) {
      if (forgets) forget.invoke(authority);
      long start = System.nanoTime();
      Dataset<Row> frame = session.sql(texts.get(number).asText());
      // In another class of Spark 3 than of Spark 4.
      Object execution = frame.getClass().getMethod("queryExecution").invoke(frame);
      execution.getClass().getMethod("executedPlan").invoke(execution);
      taken[number] = System.nanoTime() - start;
    }
    return taken;
  }

  private static Object authority(SparkSession session) throws Exception {
    Class<?> type = Class.forName("authorizer.spark.Authority", true, Thread.currentThread().getContextClassLoader());
    return type.getMethod("of", org.apache.spark.SparkContext.class).invoke(null, session.sparkContext());
  }
}
