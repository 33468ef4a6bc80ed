package authorizer.namenode;

import org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider.AccessControlEnforcer;

/** Makes the enforcer that this version of Hadoop can ask. */
final class Enforcers {
  private static final boolean WITH_CONTEXT =
      Classes.exists("org.apache.hadoop.hdfs.server.namenode.INodeAttributeProvider$AuthorizationContext");

  private Enforcers() {}

  /** An enforcer for one check. */
  static AccessControlEnforcer forCheck(Guard guard, AccessControlEnforcer hdfs) {
    return WITH_CONTEXT ? WithContext.forCheck(guard, hdfs) : new ParametersEnforcer(guard, hdfs);
  }

  /** Loaded only where Hadoop has the classes that it names. */
  private static final class WithContext {
    static AccessControlEnforcer forCheck(Guard guard, AccessControlEnforcer hdfs) {
      return new ContextEnforcer(guard, hdfs);
    }
  }
}
