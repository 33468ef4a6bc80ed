// What Hadoop's own KerberosName makes of many rules and principals, for AuthToLocalGoldenTests to agree with.
//
// With $LIB a directory that has the jars of a Hadoop release (hadoop-auth, hadoop-common and what they depend on), and
// $RELEASE its version:
//
//   java --add-exports java.security.jgss/sun.security.krb5=ALL-UNNAMED -cp "$LIB/*" \
//       Tests/IdentityTests/Golden/KerberosNameGolden.java > Tests/IdentityTests/Golden/auth_to_local-$RELEASE.tsv
//
// A line is a case, its columns separated by tabs: mechanism, rules, principal, outcome. In each column a backslash
// stands before itself, and before t, n and r for a tab, a line feed and a carriage return. An outcome is `=` and the
// short name, or `!` and the kind of the error.

import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.security.authentication.util.KerberosName;

public final class KerberosNameGolden {
    private static final String DEFAULT_REALM = "EXAMPLE.COM";
    private static final int RANDOM_RULES = 200;
    private static final int PRINCIPALS_PER_RANDOM_RULE = 4;

    private static final String[] PRINCIPALS = {
        "alice", "alice@EXAMPLE.COM", "Alice.Smith@EXAMPLE.COM", "alice@OTHER.ORG", "alice@example.com",
        "hdfs/nn1.example.com@EXAMPLE.COM", "HTTP/nn1.example.com@EXAMPLE.COM", "nn/nn1@OTHER.ORG", "hdfs/nn1",
        "a/b/c@EXAMPLE.COM", "a/b/c", "@EXAMPLE.COM", "alice@", "/alice@EXAMPLE.COM", "alice/@EXAMPLE.COM",
        "alice@EXAMPLE.COM@OTHER.ORG", "alice@EXAMPLE.COM/x", "alice/", "/", "a-b_c.d@EXAMPLE.COM", "42@EXAMPLE.COM",
        "$1@EXAMPLE.COM", "a$b/[c]@EXAMPLE.COM", "John Smith@EXAMPLE.COM", "tab\tbed@EXAMPLE.COM",
        "two\nlines@EXAMPLE.COM", "\u00e9milie@EXAMPLE.COM", "e\u0301milie@EXAMPLE.COM",
        "\u0391\u03a3@EXAMPLE.COM", "\u0130stanbul/\u212a@EXAMPLE.COM", "\ud835\udefc\u6f22@EXAMPLE.COM",
        "\u0664\u0662@EXAMPLE.COM", "aaaaaaaaaabaaaaaaaaaa@EXAMPLE.COM", "null@null",
    };

    private static final String[] RULES = {
        "DEFAULT", "DEFAULT/L", "DEFAULTDEFAULT", "", " \n\t ", "DEFAULTL/", "default",
        "RULE:[1:$1]", "RULE:[2:$1]", "RULE:[1:$1] RULE:[2:$1]", "RULE:[1:$1]RULE:[2:$2]", "RULE:[1:$1@$0]",
        "RULE:[2:$1;$2]", "RULE:[2:$2.$1/$0]", "RULE:[1:]", "RULE:[1:x]", "RULE:[0:$0]", "RULE:[3:$1$2$3] DEFAULT",
        "RULE:[01:$1]", "RULE:[:$1]", "RULE:[99999999999:$1]", "RULE:[1:$2]", "RULE:[2:$2$3]", "RULE:[1:$]",
        "RULE:[1:$1$]", "RULE:[1:$$1]", "RULE:[1:$99999999999]", "RULE:[1:$10]", "RULE:[1:\\$1]", "RULE:[1:$01]",
        "RULE:[1:$1@$0](.*@EXAMPLE\\.COM)s/@.*//", "RULE:[1:$1@$0](.*@EXAMPLE\\.COM)s/@.*///L",
        "RULE:[1:$1@$0](.*@EXAMPLE\\.COM)s/@.*//L\nDEFAULT", "RULE:[2:$1@$0](hdfs@.*)s/.*/hadoop/ DEFAULT",
        "RULE:[2:$1;$2](^hdfs;.*\\.example\\.com$)s/^(.*);.*$/$1/\nRULE:[1:$1]",
        "RULE:[1:$1](alice|alice\\..*)", "RULE:[1:$1](a|ali|alice)s/a/b/g", "RULE:[1:$1](a*)", "RULE:[1:$1](a*?)",
        "RULE:[1:$1@$0](\\w+@\\w+\\.\\w+)s/@.*//", "RULE:[1:$1](\\W.*)", "RULE:[1:$1](\\d+)", "RULE:[1:$1](\\D+)",
        "RULE:[1:$1](.*\\s.*)s/\\s/_/g", "RULE:[1:$1](\\S+)", "RULE:[1:$1]([\\w.-]+)", "RULE:[1:$1]([\\w-.]+)",
        "RULE:[1:$1]([^\\w]+.*)", "RULE:[1:$1](\\p{Lower}+)", "RULE:[1:$1](\\P{Lower}+.*)",
        "RULE:[1:$1](\\p{Alpha}+)", "RULE:[1:$1](\\p{L}+)", "RULE:[1:$1](\\pL+)", "RULE:[1:$1]([\\p{Punct}\\p{Alnum}]+)",
        "RULE:[1:$1](\\Qalice\\E)", "RULE:[1:$1](\\Qalice)", "RULE:[1:$1](\\Q\\w\\E.*) RULE:[1:other]",
        "RULE:[1:$1](alice\\)", "RULE:[1:$1]([)", "RULE:[1:$1](()", "RULE:[1:$1](*)", "RULE:[1:$1](a", "RULE:[1:$1]()",
        "RULE:[1:$1]s/a/b", "RULE:[1:$1]s/a/b/", "RULE:[1:$1]s/a/b/g", "RULE:[1:$1]s/a/b/gL", "RULE:[1:$1]s/A/b//L",
        "RULE:[1:$1]/L", "RULE:[1:$1]L", "RULE:[1:$1]/", "RULE:[1:$1]//L", "RULE:[1:$1]/s/a/b/", "RULE:[1:$1",
        "RULE:[1:$1]s//x/", "RULE:[1:$1]s//x/g", "RULE:[1:$1]s/a*/x/g", "RULE:[1:$1]s/$/x/g", "RULE:[1:$1]s/^/x/g",
        "RULE:[1:$1]s/(a)(l)?/$2$1/g", "RULE:[1:$1]s/(a)/$2/", "RULE:[1:$1]s/(a)/$12/", "RULE:[1:$1]s/(a)/$02/",
        "RULE:[1:$1]s/a/$/", "RULE:[1:$1]s/a/$x/", "RULE:[1:$1]s/a/\\$1/", "RULE:[1:$1]s/a/\\/", "RULE:[1:$1]s/a/\\x/",
        "RULE:[1:$1]s/(?<first>.)/${first}${first}/", "RULE:[1:$1]s/(?<first>.)/${second}/",
        "RULE:[1:$1]s/(?<first>.)/${first/", "RULE:[1:$1]s/(?<first>.)/${}/", "RULE:[1:$1]s/(?<a1>.)/${1a}/",
        "RULE:[1:$1]s/(a)|(b)/[$1|$2]/g", "RULE:[1:$1]s/((((((((((a))))))))))/$10$11/", "RULE:[1:$1]s/zzz/$9/",
        "RULE:[1:$1]s/(?i)ALICE/bob/", "RULE:[1:$1]s/(?m)^./X/g", "RULE:[1:$1]s/(?s).*/X/", "RULE:[1:$1]s/./X/g",
        "RULE:[1:$1]s/(?<=a)l/L/", "RULE:[1:$1]s/l(?=i)/L/", "RULE:[1:$1]s/l(?!i)/L/", "RULE:[1:$1]s/a++l/x/",
        "RULE:[1:$1]s/(.)\\1/$1/g", "RULE:[1:$1]s/\\bS/s/", "RULE:[1:$1]s/[a-c&&[^b]]/_/g", "RULE:[1:$1]s/\\u0061/_/g",
        "RULE:[1:$1]s/\\x{1D6FC}/alpha/", "RULE:[1:$1]s/@/_/g DEFAULT", "RULE:[1:$1@$0]s/@/_/g",
        "RULE:[1:$1@$0]s/(.*)@(.*)/$2@$1/", "RULE:[2:$1@$0](.*@.*)", "RULE:[1:$1]](x)", "RULE:[1:$1](x))",
        "RULE:[1:$1](x) DEFAULT # comment", "RULE: [1:$1]", "rule:[1:$1]", "RULE:[1:$1];DEFAULT", "RULE:[a:$1]",
        "RULE:[\u0661:$1]", "\u00a0DEFAULT", "DEFAULT\u0001", "DEFAULT\u0301", "RULE:[1:$1\r\n]\r\nDEFAULT",
        "RULE:[1:\u00e9$1]s/\u00e9/e/g", "RULE:[2:$0$1$2]", "RULE:[1:$1](a|b|.*)s/.$// RULE:[2:$2](nn1)",
        "RULE:[1:$1](nobody) RULE:[1:$2] RULE:[1:$1]", "RULE:[2:$1](HTTP)/L RULE:[2:$1](hdfs)s/h/H/ DEFAULT",
    };

    private static final String[] FORMATS = {"$1", "$1@$0", "$2", "$1;$2", "$0", "$2@$1$0", "$1$1", "x$1"};
    private static final String[] ATOMS = {
        ".", "a", "l", "\\w", "\\d", "[a-z]", "[^@]", "@", "\\.", "EXAMPLE", "\\p{Upper}", "[A-Z.]", "\\S", "hdfs", "alice",
        "nn1", "\\W", "-", "_", "[\\d\\w]", ";", "l|a", "[.-]", "\\-", "\\@",
    };
    private static final String[] QUANTIFIERS = {"", "", "", "*", "+", "?", "*?", "{2}", "{1,3}"};
    private static final String[] REPLACEMENTS = {"", "", "x", "$0", "$1", "$2", "\\$", "_", "-$1", "$", "$10", "\\", "X"};
    private static final String[] ENDS = {"", "", "", "/L", "L", "/"};

    private static final Random RANDOM = new Random(2);

    public static void main(String[] arguments) throws Exception {
        System.setProperty("java.security.krb5.realm", DEFAULT_REALM);
        System.setProperty("java.security.krb5.kdc", "localhost");
        PrintStream golden = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        boolean knowsMechanisms = setMechanism("mit");
        for (String principal : PRINCIPALS) {
            write(golden, "hadoop", "DEFAULT", principal);
        }
        for (String rules : RULES) {
            writeRules(golden, rules, knowsMechanisms, PRINCIPALS);
        }
        for (int i = 0; i < RANDOM_RULES; i++) {
            String rules = randomRules();
            String[] principals = new String[PRINCIPALS_PER_RANDOM_RULE];
            Arrays.setAll(principals, j -> pick(PRINCIPALS));
            writeRules(golden, rules, knowsMechanisms, principals);
        }
        golden.flush();
    }

    /** Writes one case for invalid rules; for others, one for each principal that the rules have a say in. */
    private static void writeRules(PrintStream golden, String rules, boolean knowsMechanisms, String[] principals) {
        if (outcome(rules, "alice").equals("!invalid-rules")) {
            write(golden, "hadoop", rules, "alice");
            return;
        }
        for (String principal : principals) {
            boolean isShortName = !principal.contains("@") && outcome(rules, principal).equals("=" + principal);
            if (isShortName || outcome(rules, principal).equals("!malformed-name")) {
                continue;
            }
            write(golden, "hadoop", rules, principal);
            if (knowsMechanisms && principal.startsWith("a")) {
                write(golden, "mit", rules, principal);
            }
        }
    }

    private static void write(PrintStream golden, String mechanism, String rules, String principal) {
        setMechanism(mechanism);
        String outcome = outcome(rules, principal);
        // An empty match between the two halves of a character tears it apart in Java; such a name is of no use.
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(outcome)) {
            return;
        }
        golden.print(String.join("\t", mechanism, escape(rules), escape(principal), escape(outcome)) + "\n");
    }

    private static String outcome(String rules, String principal) {
        try {
            KerberosName.setRules(rules);
        } catch (IllegalArgumentException e) {
            return "!invalid-rules";
        }
        KerberosName name;
        try {
            name = new KerberosName(principal);
        } catch (IllegalArgumentException e) {
            return "!malformed-name";
        }
        try {
            return "=" + name.getShortName();
        } catch (KerberosName.NoMatchingRule e) {
            return e.getMessage().startsWith("Non-simple") ? "!non-simple-name" : "!no-matching-rule";
        } catch (KerberosName.BadFormatString | IllegalArgumentException | IndexOutOfBoundsException e) {
            return "!faulty-rule";
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sets the mechanism, or returns false: Hadoop 2 has none to set. */
    private static boolean setMechanism(String mechanism) {
        try {
            Method setter = KerberosName.class.getMethod("setRuleMechanism", String.class);
            setter.invoke(null, mechanism);
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    private static String randomRules() {
        List<String> rules = new ArrayList<>();
        for (int i = RANDOM.nextInt(3); i >= 0; i--) {
            rules.add(RANDOM.nextInt(6) == 0 ? "DEFAULT" : randomRule());
        }
        return String.join(RANDOM.nextBoolean() ? " " : "\n", rules);
    }

    private static String randomRule() {
        StringBuilder rule = new StringBuilder("RULE:[");
        rule.append(1 + RANDOM.nextInt(2)).append(':').append(pick(FORMATS)).append(']');
        if (RANDOM.nextBoolean()) {
            rule.append('(').append(RANDOM.nextBoolean() ? ".*" : "").append(randomPattern(false)).append(".*)");
        }
        if (RANDOM.nextInt(3) > 0) {
            rule.append("s/").append(randomPattern(true)).append('/').append(pick(REPLACEMENTS)).append('/');
            rule.append(RANDOM.nextBoolean() ? "g" : "");
        }
        return rule.append(pick(ENDS)).toString();
    }

    private static String randomPattern(boolean withGroups) {
        StringBuilder pattern = new StringBuilder();
        for (int i = RANDOM.nextInt(3); i >= 0; i--) {
            boolean grouped = withGroups && RANDOM.nextInt(3) == 0;
            pattern.append(grouped ? "(" : "").append(pick(ATOMS)).append(grouped ? ")" : "").append(pick(QUANTIFIERS));
        }
        return pattern.toString();
    }

    private static String pick(String[] choices) {
        return choices[RANDOM.nextInt(choices.length)];
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r");
    }
}
