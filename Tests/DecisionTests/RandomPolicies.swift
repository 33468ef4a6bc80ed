import Catalogue
import Policy
import RandomNumbers

@testable import Decision

/// Policies of a small world that change at random, one object at a time, as a store would change them.
struct RandomPolicies {
    private static let names = ["ann", "bob", "cid", "dot", "eve", "fay"]
    private static let principals = [
        "ann@R", "ann@X", "bob", "bob/h1", "bob/h2@R", "cid/h1@R", "cid/h2", "dot@X", "eve@R", "eve/h1@R",
    ]
    private static let groups = ["g1", "g2", "g3"]
    private static let components = ["a", "b", "ab", ".snapshot", ".reserved", "raw", "..", "", "s"]

    private(set) var version: UInt64 = 0
    private var nextID: UInt32 = 0
    private var users: [(id: UInt32, changedAt: UInt64, profile: User)] = []
    private var sources: [(id: UInt32, changedAt: UInt64, definition: DataSource)] = []
    private var ignored: [String] = []
    private var settings = Settings()
    /// What crawls found, by the data source's id: the components of each file, and whether it is readable.
    private var found: [UInt32: [[String]: Bool]] = [:]
    var random: RandomNumbers

    init(random: RandomNumbers) {
        self.random = random
        for name in Self.names.prefix(4) { change(user: name) }
        for number in 0..<6 { change(source: number) }
    }

    var snapshot: Snapshot {
        Snapshot(
            version: version, settings: settings, users: users, dataSources: sources, ignoredUsers: ignored,
            identity: PlainIdentity())
    }

    var model: ReferenceModel {
        ReferenceModel(
            users: users.map(\.profile), sources: sources.map(\.definition), ignored: ignored,
            unmappedDenies: settings.unmapped == .deny, needsCatalogue: settings.catalogue == .required,
            readable: Dictionary(
                uniqueKeysWithValues: sources.map { source in
                    (source.definition.name, Set((found[source.id] ?? [:]).filter(\.value).keys))
                }))
    }

    var catalogue: CatalogueView {
        CatalogueView(
            found.mapValues { files in
                DataSourceFiles(
                    FileTable(
                        files.map { components, isReadable in
                            let path = Array("/\(components.joined(separator: "/"))".utf8)
                            return FileTable.Item(
                                path: path.span, state: isReadable ? .readable : .notReadable, modificationTime: 0)
                        }))
            })
    }

    /// Crawls a data source, some of the time.
    private mutating func crawl() {
        guard !sources.isEmpty else { return }
        let id = random.one(of: sources).id
        guard !random.chance(8) else {
            found[id] = nil
            return
        }
        for _ in 0..<random.below(12) {
            let file = (0..<1 + random.below(4)).map { _ in random.one(of: ["a", "b", "ab"]) }
            found[id, default: [:]][file] = !random.chance(4)
        }
    }

    /// Changes, adds or removes something.
    mutating func change() {
        crawl()
        switch random.below(10) {
        case 0: users.isEmpty ? change(user: "ann") : remove(user: random.below(users.count))
        case 1: sources.isEmpty ? change(source: 0) : remove(source: random.below(sources.count))
        case 2:
            version += 1
            ignored = random.chance(2) ? [] : [random.one(of: Self.principals + Self.names)]
        case 3:
            version += 1
            settings.unmapped = random.chance(2) ? .deny : .native
            settings.catalogue = random.chance(3) ? .none : .required
        case 4...6: change(user: random.one(of: Self.names))
        default: change(source: random.below(8))
        }
    }

    mutating func principal() -> String {
        random.chance(30) ? "" : random.one(of: Self.principals + Self.names.map { "\($0)@R" } + ["stranger@R"])
    }

    mutating func path() -> String {
        let components = (0..<random.below(5)).map { _ in
            random.one(of: random.chance(5) ? Self.components : ["a", "b", "ab"])
        }
        return (random.chance(40) ? "" : "/") + components.joined(separator: "/")
    }

    private mutating func remove(user index: Int) {
        version += 1
        users.remove(at: index)
    }

    private mutating func remove(source index: Int) {
        version += 1
        sources.remove(at: index)
    }

    private mutating func change(user name: String) {
        version += 1
        let profile = User(
            name: name, principal: random.chance(2) ? random.one(of: Self.principals) : nil, groups: someGroups(),
            attributes: random.chance(2) ? ["level": [random.one(of: ["1", "2"])]] : [:], enabled: !random.chance(8))
        let index = users.firstIndex { $0.profile.name == name }
        if let index {
            users[index].profile = profile
            users[index].changedAt = version
        } else {
            users.append((newID(), version, profile))
        }
    }

    private mutating func change(source number: Int) {
        version += 1
        let definition = DataSource(
            name: "s\(number)", kind: random.chance(5) ? .table : .files,
            directories: (0...random.below(2)).map { _ in directory() },
            credential: random.chance(3) ? .init(principal: random.one(of: Self.principals)) : nil,
            subscription: subscription())
        let index = sources.firstIndex { $0.definition.name == definition.name }
        if let index {
            sources[index].definition = definition
            sources[index].changedAt = version
        } else {
            sources.append((newID(), version, definition))
        }
    }

    private mutating func newID() -> UInt32 {
        nextID += 1
        return nextID
    }

    private mutating func directory() -> String {
        "/" + (0..<random.below(4)).map { _ in random.one(of: ["a", "b", "ab"]) }.joined(separator: "/")
    }

    private mutating func someGroups() -> Set<String> {
        Set((0..<random.below(3)).map { _ in random.one(of: Self.groups) })
    }

    private mutating func subscription() -> Subscription {
        switch random.below(4) {
        case 0: .anyone
        case 1: .individuals(users: random.chance(2) ? [random.one(of: Self.names)] : [], groups: someGroups())
        default: .condition(condition(depth: 3))
        }
    }

    private mutating func condition(depth: Int) -> Condition {
        switch random.below(depth > 0 ? 5 : 2) {
        case 0: .group(random.one(of: Self.groups))
        case 1: .attribute("level", value: random.one(of: ["1", "2"]))
        case 2: .not(condition(depth: depth - 1))
        case 3: .all((0..<random.below(3)).map { _ in condition(depth: depth - 1) })
        default: .any((0..<random.below(3)).map { _ in condition(depth: depth - 1) })
        }
    }
}
