import Foundation
import Storage

@testable import Policy

/// A directory that lasts as long as the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "storage-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Where a store of the test is.
    var store: String { "\(path)/policy.db" }

    func bytes(of file: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: file))
    }

    func write(_ bytes: Data, to file: String) throws {
        try bytes.write(to: URL(fileURLWithPath: file))
    }

    /// Overwrites a number in SQLite's header: 60 is the place of `user_version`, 68 that of `application_id`.
    func overwriteHeader(of file: String, at offset: Int, with number: UInt32) throws {
        var bytes = try bytes(of: file)
        withUnsafeBytes(of: number.bigEndian) { bytes.replaceSubrange(offset..<offset + 4, with: $0) }
        try write(bytes, to: file)
    }
}

extension PolicyStore {
    /// Makes the policies what they are given as.
    @discardableResult
    func replace(with policies: PolicySet, actor: String = "root", now: Int64 = 1000) throws -> AppliedChange {
        try apply(actor: actor, now: now) { _ in policies }
    }

    /// Makes of the policies others, which are not checked.
    @discardableResult
    func apply(
        expecting expected: UInt64? = nil, actor: String, now: Int64, transform: (PolicySet) throws -> PolicySet
    ) throws -> AppliedChange {
        func made(of base: StoredBase) throws -> [PolicyEdit] {
            let stored = try base.policies()
            return edits(from: stored, to: try transform(stored))
        }
        return try change(
            expecting: expected, actor: actor, what: "test", now: now, claimants: { _ in [] }, edits: made)
    }

    /// Makes the policies what they were at a version.
    func rollBack(to version: UInt64) throws {
        try change(
            actor: "root", what: "test", now: 0, claimants: { _ in [] }, edits: { try $0.edits(backTo: version) ?? [] })
    }

    /// Every user, by name.
    func users() throws -> [Stored<User>] {
        var users: [Stored<User>] = []
        try read { try $0.eachUser { users.append($0) } }
        return users.sorted { $0.value.name < $1.value.name }
    }

    /// Every data source, by name.
    func dataSources() throws -> [StoredDataSource] {
        var sources: [StoredDataSource] = []
        try read { try $0.eachDataSource { sources.append($0) } }
        return sources.sorted { $0.definition.name < $1.definition.name }
    }
}

extension StoredBase {
    /// Everything, looked up object by object.
    func policies() throws -> PolicySet {
        PolicySet(
            try ObjectKind.allCases.flatMap { kind in
                try names(of: kind).compactMap { try item(PolicyName(kind: kind, name: $0)) }
            })
    }
}

/// What makes the one of the other, object by object.
func edits(from before: PolicySet, to after: PolicySet) -> [PolicyEdit] {
    func byName(_ policies: PolicySet) -> [PolicyName: PolicyItem] {
        Dictionary(uniqueKeysWithValues: policies.items.map { (PolicyName(kind: $0.kind, name: $0.name), $0) })
    }
    let (old, new) = (byName(before), byName(after))
    return Set(old.keys).union(new.keys).compactMap { key in
        let edit = PolicyEdit(kind: key.kind, name: key.name, before: old[key], after: new[key])
        return PolicyChange([edit]).isEmpty ? nil : edit
    }
}

/// The message of the store's error that the body throws.
func complaint(of body: () throws -> Void) -> StoreError? {
    do {
        try body()
        return nil
    } catch {
        return error as? StoreError
    }
}

private let end = Instant(milliseconds: 1_800_000_000_250)

/// Policies with every kind of object and field.
let everything = PolicySet(
    groups: [Group(name: "analysts", about: "two\nlines"), Group(name: "interns")],
    attributes: [AttributeDefinition(name: "country", about: "where"), AttributeDefinition(name: "level")],
    purposes: [Purpose(name: "fraud", about: "to find fraud"), Purpose(name: "tests")],
    tags: [
        TagDefinition(name: "eu", about: "from there", implies: ["pii"], components: ["region=eu"]),
        TagDefinition(name: "pii"),
    ],
    users: [
        User(
            name: "alice", principal: "alice@EXAMPLE.COM", groups: ["analysts", "interns"],
            attributes: ["country": ["DE", "FR"], "level": ["1"]], enabled: false, suspendedUntil: end),
        User(name: "bob"),
    ],
    ignoredUsers: ["hdfs", "hive"],
    dataSources: [
        DataSource(
            name: "by-approval", kind: .files, directories: ["/d"],
            subscription: .approval(
                ApprovalTerms(users: ["bob"], groups: ["analysts"], atMost: TimeSpan("1d")))),
        DataSource(
            name: "by-condition", kind: .table, directories: ["/a"], tags: ["pii"],
            subscription: .condition(.all([.group("analysts"), .not(.attribute("country", value: "DE"))])),
            exceptions: [.init(policy: "for-pii", because: "it is made up")],
            columns: [
                TableColumn(name: "region", type: .string, tags: ["pii"]),
                TableColumn(name: "amount", type: .decimal(precision: 10, scale: 2)),
            ],
            format: .csv(header: true, separator: ";"),
            rowFilters: [
                RowFilter(name: "own", condition: "region IN @groups", except: Exemption(purposes: ["fraud"]))
            ],
            masks: [
                Mask(
                    name: "rough", columns: ["amount"], method: .roundNumber("10"), condition: "region = 'x'",
                    except: Exemption(attributes: ["country": ["DE"]])),
                Mask(name: "hidden", tagged: ["pii"], method: .hash),
            ]),
        DataSource(
            name: "by-name", kind: .files, directories: ["/b/x", "/b/y"],
            credential: .init(principal: "etl@EXAMPLE.COM", keytab: "/etc/etl.keytab"), tags: ["pii", "eu"],
            contact: "team@example.com", sharesDirectories: true,
            subscription: .individuals(
                Roster(users: ["alice": end, "bob": .never], groups: ["analysts": end, "interns": .never])),
            purposes: ["fraud"],
            fileRules: [
                FileRule(
                    name: "new", date: .component("dt"), youngerThan: TimeSpan("60s"), withTags: ["pii"],
                    withoutTags: ["eu"], except: Exemption(users: ["alice"], groups: ["interns"]))
            ]),
        DataSource(
            name: "open", kind: .files, directories: ["/c"], credential: .init(principal: "etl"),
            subscription: .anyone),
    ],
    projects: [
        Project(
            name: "hunt", about: "of fraud", dataSources: ["by-name"],
            members: Roster(users: ["bob": end], groups: ["analysts": .never]), purposes: ["fraud"], joinsOnHash: true)
    ],
    globalPolicies: [
        GlobalPolicy(
            name: "for-pii", about: "all of it", tags: ["pii"], allowsExceptions: true,
            subscription: .condition(.group("analysts")), purposes: ["fraud", "tests"],
            fileRules: [FileRule(name: "old", date: .modificationTime, olderThan: TimeSpan("1s"))],
            rowFilters: [RowFilter(name: "none", condition: "FALSE")],
            masks: [Mask(name: "all", tagged: ["pii"], method: .null)])
    ])
