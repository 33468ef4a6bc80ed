import ReferenceModel
import Testing

@Suite("The reference model: the catalogue, and moves")
struct ModelCatalogueTests {
    private static let all: Inode.Permission = [.read, .execute]

    /// `s1` at `/s` for anyone, created with `etl`; ann and etl are users; the last crawl saw `/s/a` and `/s/b`.
    private static func world(_ change: (inout World) -> Void = { _ in }) -> World {
        var world = World()
        var source = DataSource("s1")
        source.directories = ["/s"]
        source.credential = "etl"
        world.policies.dataSources = [source]
        world.policies.users = [User("ann"), User("etl")]
        var crawl = Crawl(by: Credential("etl"))
        crawl.credential.groups = ["staff"]
        crawl.files = [
            "/s/a": Crawl.File(isReadable: true, changed: 0), "/s/b": Crawl.File(isReadable: false, changed: 0),
        ]
        world.crawls["s1"] = crawl
        change(&world)
        return world
    }

    private static func reason(_ path: Text, _ inodes: [Inode]? = nil, _ world: World = world()) -> Reason {
        world.answer(Question(.read, "ann", path, inodes: inodes), at: 0).reason
    }

    @Test func fileIsAllowedIfTheCrawlSawItReadable() {
        #expect(Self.reason("/s/a") == .subscribed)
        #expect(Self.reason("/s/b") == .notInCatalogue)
        #expect(Self.reason("/s/c") == .notInCatalogue)
        #expect(Self.reason("/s/a", nil, Self.world { $0.crawls = [:] }) == .notInCatalogue)
        #expect(Self.reason("/s/b", nil, Self.world { $0.settings.needsCatalogue = false }) == .subscribed)
    }

    @Test func fileThatNoCrawlSawGoesByItsPermissionsAndThoseOfTheWayToIt() {
        let root = Inode(owner: "root", group: "root", Self.all, Self.all, .execute)
        func reason(_ file: Inode, way: Inode = root, _ path: Text = "/s/c") -> Reason {
            Self.reason(path, [root, way, file])
        }
        let open = Inode(owner: "root", group: "root", .read, [], .read)
        #expect(reason(open) == .subscribedUncrawled)
        #expect(reason(open, "/s/b") == .notInCatalogue, "the crawl saw it")
        #expect(reason(open, way: Inode(owner: "root", group: "root", Self.all, Self.all, .read)) == .notInCatalogue)
        #expect(
            reason(Inode(owner: "etl", group: "staff", [], .read, .read)) == .notInCatalogue, "the owner's bits alone")
        #expect(reason(Inode(owner: "root", group: "staff", [], .read, [])) == .subscribedUncrawled)
        #expect(reason(Inode(owner: "root", group: "staff", [], [], .read)) == .notInCatalogue, "is in the group")

        var listed = Inode(owner: "root", group: "root", .read, .read, .read)
        listed.acl = [.user("etl", []), .group(nil, .read)]
        #expect(reason(listed) == .notInCatalogue)
        listed.acl = [.group("staff", []), .group("other", .read), .group(nil, .read)]
        #expect(reason(listed) == .notInCatalogue, "who is in a group is not among the others")
        listed.acl = [.group("other", []), .group(nil, [])]
        #expect(reason(listed) == .subscribedUncrawled)
        listed.acl = [.user("etl", .read), .group(nil, [])]
        listed.ofGroup = []
        #expect(reason(listed) == .notInCatalogue, "cut down to the mask")
    }

    private static func reason(_ principal: Text, moves path: Text, to destination: Text) -> Reason {
        let world = world { world in
            var other = DataSource("s2")
            other.directories = ["/s/in", "/t"]
            world.policies.dataSources.append(other)
            world.policies.ignoredUsers = ["hive"]
        }
        return world.answer(Question(.move(to: destination), principal, path), at: 0).reason
    }

    @Test(
        arguments: [
            ("ann", "/s/a", "/s/b", .notProtected), ("ann", "/s/a", "/x", .leavesCover),
            ("ann", "/s/a", "/t/a", .leavesCover), ("ann", "/s/a", "/s/in/a", .leavesCover),
            ("ann", "/x", "/s/x", .notProtected), ("ann", "/s", "/u", .leavesCover), ("ann", "/", "/s/a", .leavesCover),
            ("hive", "/s/a", "/x", .ignoredUser), ("eve", "/s/a", "/x", .unmappedUser),
            ("etl", "/s/a", "/x", .dataOwner), ("etl", "/s", "/x", .leavesCover), ("etl", "/t/a", "/x", .leavesCover),
            ("ann", "/s/a", "/..", .badPath), ("@", "/s/a", "/x", .badPrincipal),
        ] as [(Text, Text, Text, Reason)])
    func moveIsRefusedUnlessAllOfItStaysCovered(principal: Text, path: Text, destination: Text, expected: Reason) {
        #expect(Self.reason(principal, moves: path, to: destination) == expected)
    }
}
