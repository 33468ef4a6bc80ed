package authorizer.namenode;

/** Which of the classes that differ between Hadoop and Java versions are there. */
final class Classes {
  private Classes() {}

  /** Whether the class can be loaded and initialised, all that it names included. */
  static boolean exists(String name) {
    try {
      Class.forName(name, true, Classes.class.getClassLoader()).getDeclaredMethods();
      return true;
    } catch (ClassNotFoundException | LinkageError absent) {
      return false;
    }
  }
}
