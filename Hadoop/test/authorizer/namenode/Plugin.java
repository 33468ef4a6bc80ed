package authorizer.namenode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.AccessControlException;
import org.junit.rules.ExternalResource;

/** The plug-in as a NameNode holds it, and a scripted service beside it. */
final class Plugin extends ExternalResource {
  /** A deadline that no healthy answer misses, in milliseconds. */
  static final String AMPLE = "10000";

  final Configuration conf = new Configuration(false);
  ScriptedService service;
  AuthorizerAttributeProvider provider;
  private Path directory;

  @Override
  protected void before() throws IOException {
    directory = Files.createTempDirectory("authorizer");
    conf.set("authorizer.socket.path", directory.resolve("socket").toString());
    conf.set("authorizer.deadline.ms", AMPLE);
    service = new ScriptedService(directory.resolve("socket"));
  }

  @Override
  protected void after() {
    try {
      if (provider != null) {
        provider.stop();
      }
      service.close();
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path path : files.sorted(Comparator.reverseOrder()).collect(Collectors.toList())) {
          Files.delete(path);
        }
      }
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  /** A path in a directory of the test's own. */
  Path file(String name) {
    return directory.resolve(name);
  }

  Plugin with(String key, String value) {
    conf.set(key, value);
    return this;
  }

  /** Starts service and plug-in, and waits until the plug-in knows what is covered. */
  Plugin start() throws IOException, InterruptedException {
    service.open();
    startAlone();
    service.awaitTaken();
    return this;
  }

  /** Starts the plug-in. */
  Plugin startAlone() {
    provider = new AuthorizerAttributeProvider();
    provider.setConf(conf);
    provider.start();
    return this;
  }

  Counters counters() {
    return provider.counters();
  }

  /** Runs a check by parameters. @return what HDFS's own enforcer was asked */
  List<Check> run(Check check) throws AccessControlException {
    Recorder hdfs = new Recorder();
    run(check, hdfs);
    return hdfs.checks;
  }

  /** Runs a check by parameters with this enforcer as HDFS's own. */
  void run(Check check, Recorder hdfs) throws AccessControlException {
    Shape.PARAMETERS.run(check, provider.getExternalAccessControlEnforcer(hdfs));
  }

  /** Runs a check that is to be refused. @return the words that it is refused with */
  String refusal(Check check) {
    Recorder hdfs = new Recorder();
    try {
      run(check, hdfs);
    } catch (AccessControlException refused) {
      return refused.getMessage();
    }
    throw new AssertionError("not refused: " + check + ", and HDFS was asked " + hdfs.checks);
  }
}
