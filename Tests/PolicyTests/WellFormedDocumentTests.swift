import Policy
import Testing

struct WellFormedDocumentTests {
    @Test func everyFieldOfPeopleIsRead() throws {
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
                suspended-until: 2026-12-01T08:30:00.250+01:00
            ignored-users: [hive, spark/gw.example.com@EXAMPLE.COM]
            """)
        #expect(
            policies
                == PolicySet(
                    groups: [Group(name: "analysts", about: "two\nlines\n")],
                    attributes: [AttributeDefinition(name: "country", about: "where they sit")],
                    users: [
                        User(
                            name: "alice", principal: "alice@EXAMPLE.COM", groups: ["analysts"],
                            attributes: ["country": ["DE", "FR"]], enabled: false,
                            suspendedUntil: Instant("2026-12-01T07:30:00.25Z"))
                    ],
                    ignoredUsers: ["hive", "spark/gw.example.com@EXAMPLE.COM"]))
    }

    private static let names = """
        groups: [{name: analysts}]
        attributes: [{name: country}]
        users: [{name: alice}]
        purposes: [{name: fraud, about: to find it}, {name: tests}]
        tags: [{name: pii, about: people}, {name: eu, implies: [pii], components: [region=eu]}]

        """

    @Test func everyFieldOfATableIsRead() throws {
        let policies = try apply(
            Self.names + """
                data-sources:
                  - name: sales
                    kind: table
                    directories: [/data/sales, /data/returns]
                    credential: {principal: etl@EXAMPLE.COM, keytab: /etc/security/keytabs/etl.keytab}
                    tags: [pii]
                    contact: data-team@example.com
                    shares-directories: true
                    subscription: {users: [{name: alice, until: 2027-01-01T00:00:00Z}], groups: [analysts]}
                    purposes: [fraud, tests]
                    exceptions: [{policy: strict, because: all made up}]
                    columns: [{name: region, type: string, tags: [eu]}, {name: amount, type: "decimal(10,2)"}]
                    row-filters:
                      - name: own
                        where: region IN @attribute('country')
                        except: {users: [alice], groups: [analysts], attributes: {country: DE}, purposes: [fraud]}
                    masks:
                      - {name: a, columns: [amount], mask: {round: 10}, when: region = 'x'}
                      - {name: b, tagged: [pii], mask: {regex: "[a-z]+", replacement: "$0"}}
                global-policies: [{name: strict, tags: [pii], allows-exceptions: true, purposes: [tests]}]
                """)
        let everyOne = Exemption(
            users: ["alice"], groups: ["analysts"], attributes: ["country": ["DE"]], purposes: ["fraud"])
        let sales = DataSource(
            name: "sales", kind: .table, directories: ["/data/sales", "/data/returns"],
            credential: .init(principal: "etl@EXAMPLE.COM", keytab: "/etc/security/keytabs/etl.keytab"),
            tags: ["pii"], contact: "data-team@example.com", sharesDirectories: true,
            subscription: .individuals(
                Roster(users: ["alice": try #require(Instant("2027-01-01T00:00:00Z"))], groups: ["analysts": .never])),
            purposes: ["fraud", "tests"], exceptions: [.init(policy: "strict", because: "all made up")],
            columns: [
                TableColumn(name: "region", type: .string, tags: ["eu"]),
                TableColumn(name: "amount", type: .decimal(precision: 10, scale: 2)),
            ],
            rowFilters: [RowFilter(name: "own", condition: "region IN @attribute('country')", except: everyOne)],
            masks: [
                Mask(name: "a", columns: ["amount"], method: .roundNumber("10"), condition: "region = 'x'"),
                Mask(name: "b", tagged: ["pii"], method: .regex(pattern: "[a-z]+", replacement: "$0")),
            ])
        #expect(policies.dataSources == [sales])
        #expect(policies.purposes == [Purpose(name: "fraud", about: "to find it"), Purpose(name: "tests")])
        #expect(
            policies.tags == [
                TagDefinition(name: "eu", implies: ["pii"], components: ["region=eu"]),
                TagDefinition(name: "pii", about: "people"),
            ])
        #expect(
            policies.globalPolicies
                == [GlobalPolicy(name: "strict", tags: ["pii"], allowsExceptions: true, purposes: ["tests"])])
    }

    @Test func everyFieldOfFilesAndProjectsIsRead() throws {
        let policies = try apply(
            Self.names + """
                data-sources:
                  - name: events
                    kind: files
                    directories: [/events]
                    subscription:
                      approval: {approvers: {users: [alice], groups: [analysts]}, at-most: 90d}
                    file-rules:
                      - {name: new, date: dt, younger-than: 36h, except: {users: [alice]}}
                      - {name: old, date: modification-time, older-than: 1s, with-tags: [eu], without-tags: [pii]}
                projects:
                  - name: hunt
                    about: of fraud
                    data-sources: [events]
                    members: {users: [alice], groups: [{name: analysts, until: 2027-01-01T00:00:00Z}]}
                    purposes: [fraud]
                    joins-on-hash: true
                """)
        #expect(
            policies.dataSources == [
                DataSource(
                    name: "events", kind: .files, directories: ["/events"],
                    subscription: .approval(
                        ApprovalTerms(users: ["alice"], groups: ["analysts"], atMost: TimeSpan("90d"))),
                    fileRules: [
                        FileRule(
                            name: "new", date: .component("dt"), youngerThan: TimeSpan("36h"),
                            except: Exemption(users: ["alice"])),
                        FileRule(
                            name: "old", date: .modificationTime, olderThan: TimeSpan("1s"), withTags: ["eu"],
                            withoutTags: ["pii"]),
                    ])
            ])
        #expect(
            policies.projects == [
                Project(
                    name: "hunt", about: "of fraud", dataSources: ["events"],
                    members: Roster(
                        users: ["alice": .never], groups: ["analysts": try #require(Instant("2027-01-01T00:00:00Z"))]),
                    purposes: ["fraud"], joinsOnHash: true)
            ])
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
