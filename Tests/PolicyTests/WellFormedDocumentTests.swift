import Policy
import Testing

struct WellFormedDocumentTests {
    @Test func everyFieldIsRead() throws {
        let policies = try apply(
            """
            groups:
              - name: analysts
                about: |
                  two
                  lines
            attributes:
              - name: country
                about: where they sit
            users:
              - name: alice
                principal: alice@EXAMPLE.COM
                groups: [analysts]
                attributes: {country: [DE, FR]}
                enabled: false
            ignored-users: [hive, spark/gw.example.com@EXAMPLE.COM]
            data-sources:
              - name: sales
                kind: table
                directories: [/data/sales, /data/returns]
                credential: {principal: etl@EXAMPLE.COM, keytab: /etc/security/keytabs/etl.keytab}
                tags: [pii]
                contact: data-team@example.com
                shares-directories: true
                subscription: {users: [alice], groups: [analysts]}
            """)
        let sales = DataSource(
            name: "sales", kind: .table, directories: ["/data/sales", "/data/returns"],
            credential: .init(principal: "etl@EXAMPLE.COM", keytab: "/etc/security/keytabs/etl.keytab"),
            tags: ["pii"], contact: "data-team@example.com", sharesDirectories: true,
            subscription: .individuals(users: ["alice"], groups: ["analysts"]))
        #expect(
            policies
                == PolicySet(
                    groups: [Group(name: "analysts", about: "two\nlines\n")],
                    attributes: [AttributeDefinition(name: "country", about: "where they sit")],
                    users: [
                        User(
                            name: "alice", principal: "alice@EXAMPLE.COM", groups: ["analysts"],
                            attributes: ["country": ["DE", "FR"]], enabled: false)
                    ],
                    ignoredUsers: ["hive", "spark/gw.example.com@EXAMPLE.COM"], dataSources: [sales]))
    }

    @Test func whatIsLeftOutHasItsDefault() throws {
        let policies = try apply(
            """
            users: [{name: bob}]
            data-sources: [{name: logs, kind: files, directories: [/logs], subscription: anyone}]
            """)
        #expect(policies.users == [User(name: "bob", enabled: true)])
        #expect(policies.dataSources == [dataSource("logs", ["/logs"])])
    }

    @Test func conditionsNest() throws {
        let policies = try apply(
            """
            groups: [{name: analysts}, {name: interns}]
            attributes: [{name: country}]
            data-sources:
              - name: sales
                kind: files
                directories: [/data/sales]
                subscription:
                  condition:
                    all:
                      - group: analysts
                      - any: [{attribute: {country: DE}}, {attribute: {country: FR}}]
                      - not: {group: interns}
            """)
        let countries = Condition.any([.attribute("country", value: "DE"), .attribute("country", value: "FR")])
        #expect(
            policies.dataSources.first?.subscription
                == .condition(.all([.group("analysts"), countries, .not(.group("interns"))])))
    }

    @Test func nobodyIsSubscribedByAnEmptyList() throws {
        let policies = try apply(
            "data-sources: [{name: a, kind: files, directories: [/a], subscription: {users: []}}]")
        #expect(policies.dataSources.first?.subscription == .individuals(users: [], groups: []))
    }

    @Test(arguments: ["", "\n", "# nothing yet\n", "---\n", "---\n# nothing\n...\n"])
    func anEmptyFileSaysNothing(yaml: String) throws {
        #expect(try apply(yaml) == PolicySet())
    }

    @Test func aByteOrderMarkIsPassedOver() throws {
        #expect(try apply("\u{FEFF}groups: [{name: a}]").groups == [Group(name: "a")])
    }

    @Test func linesMayEndAsOnWindows() throws {
        #expect(try apply("groups:\r\n  - name: a\r\n").groups == [Group(name: "a")])
    }

    @Test(arguments: [
        "no", "yes", "on", "1.0", "1e3", "0x10", "0o17", "2024-01-01", "true", ".inf", "12:30:45", "=", "<<", "-1",
    ])
    func aNameIsTheTextAsWritten(word: String) throws {
        #expect(try apply("groups: [{name: \(word)}]").groups == [Group(name: word)])
    }

    @Test(arguments: ["'null'", "\"null\"", "!!str null"])
    func aQuotedNullIsAName(word: String) throws {
        #expect(try apply("groups: [{name: \(word)}]").groups == [Group(name: "null")])
    }

    @Test func oneValueOfAnAttributeNeedsNoList() throws {
        let policies = try apply("attributes: [{name: country}]\nusers: [{name: a, attributes: {country: NO}}]")
        #expect(policies.users.first?.attributes == ["country": ["NO"]])
    }

    @Test func anAsteriskInTextIsNoAlias() throws {
        let policies = try apply("groups: [{name: a, about: 'all of *them*'}, {name: b, about: 2 * 2 & 3}]")
        #expect(policies.groups.map(\.about) == ["all of *them*", "2 * 2 & 3"])
    }

    @Test func filesAreReadAsOne() throws {
        let policies = try apply([
            file("users: [{name: alice, groups: [analysts]}]", name: "a.yaml"),
            file("groups: [{name: analysts}]\nignored-users: [hive]", name: "b.yaml"),
            file("ignored-users: [hive, hdfs]", name: "c.yaml"),
        ])
        #expect(policies.users.map(\.name) == ["alice"])
        #expect(policies.ignoredUsers == ["hdfs", "hive"])
    }
}
