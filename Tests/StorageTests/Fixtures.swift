import Foundation
import Policy
import Storage

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

/// Policies with every kind of object and field.
let everything = PolicySet(
    groups: [Group(name: "analysts", about: "two\nlines"), Group(name: "interns")],
    attributes: [AttributeDefinition(name: "country", about: "where"), AttributeDefinition(name: "level")],
    users: [
        User(
            name: "alice", principal: "alice@EXAMPLE.COM", groups: ["analysts", "interns"],
            attributes: ["country": ["DE", "FR"], "level": ["1"]], enabled: false),
        User(name: "bob"),
    ],
    ignoredUsers: ["hdfs", "hive"],
    dataSources: [
        DataSource(
            name: "by-condition", kind: .table, directories: ["/a"],
            subscription: .condition(.all([.group("analysts"), .not(.attribute("country", value: "DE"))]))),
        DataSource(
            name: "by-name", kind: .files, directories: ["/b/x", "/b/y"],
            credential: .init(principal: "etl@EXAMPLE.COM", keytab: "/etc/etl.keytab"), tags: ["pii", "eu"],
            contact: "team@example.com", sharesDirectories: true,
            subscription: .individuals(users: ["alice", "bob"], groups: ["interns"])),
        DataSource(
            name: "open", kind: .files, directories: ["/c"], credential: .init(principal: "etl"),
            subscription: .anyone),
    ])
