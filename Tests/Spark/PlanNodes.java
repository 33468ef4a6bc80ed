import java.io.File;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.TreeSet;
import java.util.jar.JarFile;

/**
 * Prints every class of the jars of a Spark that can stand in a plan: its name, and what it is by its supertypes.
 *
 * Usage: java PlanNodes.java DIRECTORY_OF_JARS
 */
class PlanNodes {
  public static void main(String[] arguments) throws Exception {
    var jars = new File(arguments[0]).listFiles((directory, name) -> name.endsWith(".jar"));
    var urls = new ArrayList<URL>();
    for (var jar : jars) urls.add(jar.toURI().toURL());
    var loader = new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
    var logical = "org.apache.spark.sql.catalyst.plans.logical.";
    var plan = loader.loadClass(logical + "LogicalPlan");
    var command = loader.loadClass(logical + "Command");
    var leaf = loader.loadClass(logical + "LeafNode");
    var holder = loader.loadClass("org.apache.spark.sql.catalyst.expressions.PlanExpression");
    var found = new TreeSet<String>();
    for (var jar : jars) {
      if (!jar.getName().startsWith("spark-")) continue;
      try (var file = new JarFile(jar)) {
        for (var entry : (Iterable<java.util.jar.JarEntry>) file.stream()::iterator) {
          var path = entry.getName();
          if (!path.endsWith(".class") || !path.startsWith("org/apache/spark/sql/")) continue;
          Class<?> type;
          try {
            type = Class.forName(path.substring(0, path.length() - 6).replace('/', '.'), false, loader);
          } catch (LinkageError | ClassNotFoundException missing) {
            continue;
          }
          if (Modifier.isAbstract(type.getModifiers())) continue;
          if (plan.isAssignableFrom(type)) {
            var kind = command.isAssignableFrom(type) ? "command" : leaf.isAssignableFrom(type) ? "leaf" : "operator";
            found.add(kind + " " + type.getName());
          } else if (holder.isAssignableFrom(type)) found.add("expression " + type.getName());
        }
      }
    }
    found.forEach(System.out::println);
  }
}
