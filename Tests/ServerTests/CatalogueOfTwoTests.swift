import Catalogue
import Decision
import Policy
import Testing
import Wire

@testable import Server

/// What becomes of catalogues where two data sources share a directory, and where a credential changes.
struct CatalogueOfTwoTests {
    private static func snapshot(version: UInt64, principal: String = "etl@EXAMPLE.COM") -> Snapshot {
        let sources = ["sales", "trade"].map { name in
            DataSource(
                name: name, kind: .files, directories: ["/data/sales"], credential: .init(principal: principal),
                sharesDirectories: true, subscription: .anyone)
        }
        return Snapshot(
            version: version, settings: Settings(), users: [(1, 1, User(name: "alice"))],
            dataSources: [(1, version, sources[0]), (2, version, sources[1])], identity: Bench.identity)
    }

    private func files(_ paths: [String]) -> DataSourceFiles {
        DataSourceFiles(
            FileTable(
                paths.map { path in
                    let bytes = Array(path.utf8)
                    return FileTable.Item(path: bytes.span, state: .readable, modificationTime: 0)
                }), credential: Credential(shortName: Array("etl".utf8), groups: [], isSuperuser: true))
    }

    /// Found by the comparison with the reference model.
    @Test func reasonIsThatOfTheDataSourceThatIsNamed() throws {
        let bench = try Bench(settings: Settings())
        bench.engine.install(Self.snapshot(version: 2))
        bench.engine.install(files(["/data/sales/both", "/data/sales/first"]), of: 1)
        bench.engine.install(files(["/data/sales/both", "/data/sales/second"]), of: 2)
        let inode = InodePermission(owner: [], group: [], mode: 0)
        func answer(_ name: String) throws -> Answer {
            let permissions = Array(repeating: inode, count: 4)
            return try bench.ask(
                Question(.read, principal: "alice", path: "/data/sales/\(name)", permissions: permissions)
            ).answers[0]
        }
        let answers = try ["both", "first", "second", "neither"].map(answer)
        #expect(answers.map(\.dataSource) == ["sales", "sales", "sales", "sales"])
        #expect(answers.map(\.reason) == [.subscribed, .subscribed, .subscribedUncrawled, .subscribedUncrawled])
    }

    @Test func whatAnotherCredentialCouldReadCountsForNothing() throws {
        let bench = try Bench(settings: Settings())
        bench.engine.install(Self.snapshot(version: 2))
        for id in [1, 2] as [UInt32] { bench.engine.install(files(["/data/sales/f"]), of: id) }
        #expect(try bench.ask(.read("alice")).answers[0].reason == .subscribed)
        bench.engine.install(Self.snapshot(version: 3))
        #expect(try bench.ask(.read("alice")).answers[0].reason == .subscribed)
        bench.engine.install(Self.snapshot(version: 4, principal: "other@EXAMPLE.COM"))
        #expect(try bench.ask(.read("alice")).answers[0].reason == .notInCatalogue)
    }
}
