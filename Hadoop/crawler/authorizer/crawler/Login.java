package authorizer.crawler;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.UserGroupInformation;

/** Who this process is to HDFS. */
final class Login {
    private Login() {}

    /**
     * Logs in from the keytab of a request.
     *
     * @throws CrawlException with the KDC's own words if it cannot
     */
    static void from(Request request, Configuration configuration) throws CrawlException {
        UserGroupInformation.setConfiguration(configuration);
        if (request.principal.isEmpty()) {
            return;
        }
        if (!UserGroupInformation.isSecurityEnabled()) {
            throw new CrawlException(
                FailureKind.LOGIN,
                "the crawler's core-site.xml has no Kerberos (hadoop.security.authentication), and the credential is "
                    + request.principal + ": see `crawl.hadoop-configuration` in the service's configuration");
        }
        try {
            UserGroupInformation.loginUserFromKeytab(request.principal, request.keytab);
        } catch (IOException | RuntimeException error) {
            throw new CrawlException(FailureKind.LOGIN, explained(Words.of(error)));
        }
    }

    /** Java asks a user for a password where the keytab has none, and tells of that. */
    private static String explained(String words) {
        return words.contains("Unable to obtain password from user")
            ? words + ": the keytab has no key of this principal, or cannot be read" : words;
    }

    /** Gets a new ticket where the old one is about to end. */
    static void renew() throws IOException {
        UserGroupInformation.getLoginUser().checkTGTAndReloginFromKeytab();
    }

    static String shortName() throws IOException {
        return UserGroupInformation.getLoginUser().getShortUserName();
    }
}
