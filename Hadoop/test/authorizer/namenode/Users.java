package authorizer.namenode;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.UserGroupInformation;

/** Callers, under the auth_to_local rules of a realm EXAMPLE.COM. */
final class Users {
  static final UserGroupInformation ALICE;
  static final UserGroupInformation BOB_BY_ETL;
  static final UserGroupInformation BACKUP;

  static {
    Configuration conf = new Configuration(false);
    conf.set("hadoop.security.auth_to_local", "RULE:[1:$1@$0](.*@EXAMPLE.COM)s/@.*//\nDEFAULT");
    UserGroupInformation.setConfiguration(conf);
    ALICE = named("alice@EXAMPLE.COM");
    BOB_BY_ETL = UserGroupInformation.createProxyUser("bob", named("etl@EXAMPLE.COM"));
    BACKUP = named("backup@EXAMPLE.COM");
  }

  private Users() {}

  static UserGroupInformation named(String name) {
    return UserGroupInformation.createRemoteUser(name);
  }
}
