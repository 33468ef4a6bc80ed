import Policy
import StrictYAML
import Testing

struct ExportTests {
    @Test func isSortedAndQuotedWhereItMustBe() throws {
        let policies = PolicySet(
            groups: [Group(name: "staff", about: "all: of \"us\"\nand you"), Group(name: "no")],
            attributes: [AttributeDefinition(name: "country")],
            users: [
                User(
                    name: "alice", principal: "alice@EXAMPLE.COM", groups: ["staff", "no"],
                    attributes: ["country": ["NO", "DE"]], enabled: false)
            ],
            ignoredUsers: ["hive", "hdfs/nn.example.com@EXAMPLE.COM"],
            dataSources: [
                DataSource(
                    name: "sales", kind: .table, directories: ["/data/sales", "/data/a b"],
                    credential: .init(principal: "etl@EXAMPLE.COM", keytab: "/etc/etl.keytab"), tags: ["1e3"],
                    contact: "data-team@example.com", sharesDirectories: true,
                    subscription: .condition(
                        .all([.group("staff"), .not(.attribute("country", value: "NO"))]))),
                DataSource(
                    name: "nobody", kind: .files, directories: ["/x"],
                    subscription: .individuals(users: [], groups: [])),
            ])
        let yaml = """
            groups:
            - name: "no"
            - name: staff
              about: "all: of \\"us\\"\\nand you"
            attributes:
            - name: country
            users:
            - name: alice
              principal: alice@EXAMPLE.COM
              groups:
              - "no"
              - staff
              attributes:
                country:
                - DE
                - "NO"
              enabled: false
            ignored-users:
            - hdfs/nn.example.com@EXAMPLE.COM
            - hive
            data-sources:
            - name: nobody
              kind: files
              directories:
              - /x
              subscription:
                users: []
            - name: sales
              kind: table
              directories:
              - "/data/a b"
              - /data/sales
              credential:
                principal: etl@EXAMPLE.COM
                keytab: /etc/etl.keytab
              tags:
              - "1e3"
              contact: data-team@example.com
              shares-directories: true
              subscription:
                condition:
                  all:
                  - group: staff
                  - not:
                      attribute:
                        country: "NO"

            """
        #expect(try PolicyDocument.write(policies) == yaml)
    }

    @Test func ofNothingIsAnEmptyDocument() throws {
        #expect(try PolicyDocument.write(PolicySet()).isEmpty)
        #expect(try apply(PolicyDocument.write(PolicySet())) == PolicySet())
    }

    @Test(arguments: UInt64(1)...200)
    func appliedAgainChangesNothing(seed: UInt64) throws {
        var random = RandomPolicies(seed: seed)
        let policies = random.policySet()
        let yaml = try PolicyDocument.write(policies)
        for prune in [false, true] {
            let applied = try apply(yaml, to: policies, prune: prune)
            #expect(PolicyChange(from: policies, to: applied).lines == [])
        }
        #expect(PolicyChange(from: policies, to: try apply(yaml)).lines == [])
        #expect(try PolicyDocument.write(apply(yaml)) == yaml)
    }

    @Test(arguments: UInt64(1)...20)
    func canBeSplitIntoFilesOfABoundedSize(seed: UInt64) throws {
        var random = RandomPolicies(seed: seed)
        let policies = random.policySet()
        let files = try PolicyDocument.writeFiles(policies, maximumBytes: 300)
        #expect(files.count > 1)
        #expect(files.first?.name == "policies-0001.yaml")
        let objects = try apply(files)
        #expect(files.allSatisfy { $0.bytes.count <= 300 || Self.objects(in: $0) == 1 })
        #expect(PolicyChange(from: policies, to: objects).lines == [])
    }

    private static func objects(in file: SourceFile) -> Int {
        file.bytes.split(separator: UInt8(ascii: "\n")).count { $0.starts(with: "- ".utf8) }
    }

    @Test func oneObjectIsNotSplit() throws {
        let policies = PolicySet(groups: [Group(name: "a", about: String(repeating: "x", count: 100))])
        #expect(try PolicyDocument.writeFiles(policies, maximumBytes: 10).count == 1)
    }

    @Test func aFewObjectsOfDifferentKindsAreSplit() throws {
        let policies = PolicySet(groups: [Group(name: "a")], attributes: [AttributeDefinition(name: "b")])
        #expect(try PolicyDocument.writeFiles(policies, maximumBytes: 20).count == 2)
    }
}
