import Foundation
import Testing

@testable import Identity

@Suite("core-site.xml")
struct HadoopConfigurationTests {
    @Test(
        arguments: [
            ("<property><name>a</name><value>1</value></property>", "1"),
            ("<property><name> a\n</name><value> 1 </value></property>", " 1 "),
            ("<property name='a' value='1'/>", "1"),
            ("<property name='a' value='1'><value></value></property>", "1"),
            ("<property name='a' value='1' final='true'/><property name='a' value='2'/>", "1"),
            ("<property name='a' value=''/>", ""),
            ("<property><name>a</name><value>1<b>2</b>3</value></property>", "123"),
            ("<property><name>a</name><value>x &lt;&#65;&gt;<![CDATA[<&]]><!-- no -->y</value></property>", "x <A><&y"),
            ("<property><name>a</name><value>1</value><value>2</value></property>", "2"),
            ("<property><name>b</name><value>1</value></property>", nil),
            ("<property><name>a</name><value></value></property>", nil),
            ("<property><name>a</name></property>", nil),
            ("<property><value>1</value></property>", nil),
            ("<configuration><property><name>a</name><value>1</value></property></configuration>", "1"),
        ] as [(String, String?)])
    func propertyIsReadAsHadoopReadsIt(xml: String, value: String?) throws {
        #expect(try configuration(xml).value(of: "a") == value)
    }

    @Test(
        arguments: [
            ("<name>a</name><value>1</value>", "<name>a</name><value>2</value>", "2"),
            ("<name>a</name><value>1</value><final>true</final>", "<name>a</name><value>2</value>", "1"),
            ("<name>a</name><value>1</value><final>TRUE</final>", "<name>a</name><value>2</value>", "2"),
            ("<name>a</name><final>true</final>", "<name>a</name><value>2</value>", nil),
            ("<name>a</name><value>1</value>", "<name>a</name>", "1"),
        ] as [(String, String, String?)])
    func lastValueStandsUnlessAnEarlierOneIsFinal(first: String, second: String, value: String?) throws {
        let configuration = try configuration("<property>\(first)</property><property>\(second)</property>")
        #expect(try configuration.value(of: "a") == value)
    }

    @Test(arguments: [
        ("${b}", "B"),
        ("x${b}y${b}", "xByB"),
        ("${c}", "<B>"),
        ("${${d}}", "B"),
        ("$b ${ b} ${} $1 ${b$b}", "$b ${ b} ${} $1 ${b$b}"),
    ])
    func variableStandsForAnotherPropertyOfTheFile(value: String, expanded: String) throws {
        let others = property("b", "B") + property("c", "&lt;${b}&gt;") + property("d", "b")
        #expect(try configuration(property("a", value) + others).value(of: "a") == expanded)
    }

    @Test(arguments: [
        ("${user.name}", "a: `${user.name}` is not set in this file: write its value out"),
        ("${env.HOME}", "a: `${env.HOME}` is not set in this file: write its value out"),
        ("${a}", "a: more than 20 variables, or one that stands for itself"),
        ("x${b}", "a: more than 20 variables, or one that stands for itself"),
    ])
    func variableThatCannotBeExpandedIsRefused(value: String, reason: String) throws {
        let configuration = try configuration("\n\n" + property("a", value) + property("b", "${a}"))
        #expect(throws: HadoopConfigurationError(file: "core-site.xml", line: 3, reason: reason)) {
            try configuration.value(of: "a")
        }
    }

    @Test(
        arguments: [
            ("", nil, "not well-formed XML: empty"),
            ("<configuration>\n<property>\n</configuration>", 3, "not well-formed XML: start tag and end tag differ"),
            ("<configuration>\n&unknown;</configuration>", 2, "not well-formed XML: unknown entity"),
            ("<configuration>\u{1}</configuration>", 1, "not well-formed XML: invalid character"),
            ("<configuration a='1' a='2'/>", 1, "not well-formed XML: libxml2 error 42"),
            (
                "<configuration>\n<property>", 2,
                "not well-formed XML: the file ends too early, or goes on after its end"
            ),
            ("<configuration/>x", 1, "not well-formed XML: the file ends too early, or goes on after its end"),
            ("\n<policy/>", 2, "the root element is `<policy>`, not `<configuration>`"),
            (
                "<configuration xmlns:xi='http://www.w3.org/2001/XInclude'>\n<xi:include href='b.xml'/></configuration>",
                2,
                "XInclude is not supported: put the properties of the included file here"
            ),
            (
                "<!DOCTYPE configuration [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><configuration>&e;</configuration>",
                nil,
                "`<!DOCTYPE` is not supported: write entities out"
            ),
        ] as [(String, Int?, String)])
    func fileIsRefusedWithTheLine(xml: String, line: Int?, reason: String) {
        #expect(throws: HadoopConfigurationError(file: "core-site.xml", line: line, reason: reason)) {
            try HadoopConfiguration(xml: Data(xml.utf8), file: "core-site.xml")
        }
    }

    @Test func fileIsRefusedIfNotUTF8() {
        let latin1 = Data("<?xml version='1.0' encoding='ISO-8859-1'?><configuration>".utf8) + [0xE9]
        #expect(throws: HadoopConfigurationError(file: "core-site.xml", reason: "not UTF-8")) {
            try HadoopConfiguration(xml: latin1, file: "core-site.xml")
        }
    }

    @Test func fileIsRefusedIfTooLarge() {
        let blank = Data(repeating: 0x20, count: HadoopConfiguration.maximumSize + 1)
        #expect(throws: HadoopConfigurationError(file: "core-site.xml", reason: "larger than 16777216 bytes")) {
            try HadoopConfiguration(xml: blank, file: "core-site.xml")
        }
    }

    @Test(arguments: [("/nonexistent/core-site.xml", "No such file or directory"), ("/", "Is a directory")])
    func fileThatCannotBeReadIsNamed(path: String, cause: String) {
        #expect(throws: HadoopConfigurationError(file: path, reason: "cannot be read: \(cause)")) {
            try HadoopConfiguration(contentsOf: path)
        }
    }

    @Test(
        arguments: [
            ("", "alice@EXAMPLE.COM", "alice"),
            ("", "alice@OTHER.ORG", "alice"),
            ("kerberos", "alice@EXAMPLE.COM", "alice"),
            ("kerberos", "alice@OTHER.ORG", nil),
            ("KERBEROS", "alice@OTHER.ORG", nil),
            ("simple", "hdfs/nn1@OTHER.ORG", "hdfs"),
        ] as [(String, String, String?)])
    func rulesThatAreNotSetDependOnAuthentication(method: String, principal: String, shortName: String?) throws {
        let configuration = try configuration(property("hadoop.security.authentication", method))
        let rules = try configuration.authToLocal(defaultRealm: "EXAMPLE.COM")
        let principal = try Principal(parsing: principal)
        #expect((try? rules.shortName(of: principal)) == shortName)
    }

    @Test func rulesAndMechanismAreTakenFromTheFile() throws {
        let rules = try configuration(
            """
            <property><name>realm</name><value>EXAMPLE</value></property>
            <property>
              <name>hadoop.security.auth_to_local</name>
              <value>
                RULE:[1:$1@$0](.*@${realm}\\.COM)s/@.*//L
                DEFAULT
              </value>
            </property>
            <property><name>hadoop.security.auth_to_local.mechanism</name><value>MIT</value></property>
            """
        ).authToLocal(defaultRealm: "OTHER.ORG")
        #expect(rules.mechanism == .mit)
        #expect(try rules.shortName(of: Principal(parsing: "Alice@EXAMPLE.COM")) == "alice")
        #expect(try rules.shortName(of: Principal(parsing: "Bob@OTHER.ORG")) == "Bob")
        #expect(try rules.shortName(of: Principal(parsing: "Carol@THIRD.NET")) == "Carol@THIRD.NET")
    }

    @Test func everyFaultyRuleIsReportedWithItsLineInTheFile() throws {
        let configuration = try configuration(
            """
            <property>
              <name>hadoop.security.auth_to_local</name>
              <value>
                RULE:[1:$1]([)
                RULE:[1:$1](*)
              </value>
            </property>
            """
        )
        let error = #expect(throws: HadoopConfigurationError.self) { try configuration.authToLocal(defaultRealm: nil) }
        #expect(
            error?.description == """
                core-site.xml:4: hadoop.security.auth_to_local: rule `RULE:[1:$1]([)`: `[` is no regular expression
                core-site.xml:5: hadoop.security.auth_to_local: rule `RULE:[1:$1](*)`: `*` is no regular expression
                """)
    }

    @Test(arguments: [
        ("hadoop.security.auth_to_local.mechanism", "heimdal", "`heimdal` is neither `hadoop` nor `mit`"),
        ("hadoop.security.auth_to_local.mechanism", " mit ", "` mit ` is neither `hadoop` nor `mit`"),
        ("hadoop.security.authentication", "ldap", "`ldap` is neither `simple` nor `kerberos`"),
    ])
    func valueThatHadoopRefusesIsRefused(name: String, value: String, reason: String) throws {
        let configuration = try configuration(property(name, value))
        #expect(throws: HadoopConfigurationError(file: "core-site.xml", line: 1, reason: "\(name): \(reason)")) {
            try configuration.authToLocal(defaultRealm: nil)
        }
    }

    private func configuration(_ properties: String) throws -> HadoopConfiguration {
        let xml = "<configuration>\(properties)</configuration>"
        return try HadoopConfiguration(xml: Data(xml.utf8), file: "core-site.xml")
    }

    private func property(_ name: String, _ value: String) -> String {
        "<property><name>\(name)</name><value>\(value)</value></property>"
    }
}
