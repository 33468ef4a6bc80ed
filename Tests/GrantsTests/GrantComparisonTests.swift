import RandomNumbers
import Testing

@testable import Grants

/// The book of grants beside a plain list of them, put through the same at random: given, renewed, ended, expired, and
/// taken back by policies that change. They never differ in what they let through.
@Suite struct GrantComparisonTests {
    private static let paths = ["/w/a", "/w/a/f", "/w/ab/f", "/w/a/b/f", "/w/c/f", "/w", "/", "/w/c"]
    private static let directories = ["/w/a", "/w/a/b", "/w/c", "/w"]
    private static let applications = ["app-1", "app-2", "app-12"]
    private static let contexts = ["", "CLI", "SPARK_TASK_app-1_JId_0", "SPARK_DRIVER_app-12", "SPARK_TASK_app-3"]

    /// Who may query what: what the policies say.
    private struct Right: Hashable {
        var user: UInt32
        var source: UInt32
    }

    /// One that was given, as the documents say it, and nothing looked up.
    private struct Plain {
        var grant: Grant
        var expiry: UInt64
        var handles: [GrantHandle]
    }

    private struct World: Sendable {
        var book = GrantBook()
        var plain: [Plain] = []
        var rights: Set<Right> = []
        var version: UInt64 = 1
        var time: UInt64 = 0
        var random: RandomNumbers

        func may(_ grant: Grant) -> GrantStanding {
            grant.sources.allSatisfy { rights.contains(Right(user: grant.userID, source: $0.id)) }
                ? .holds(until: .max) : .fails(because: "no")
        }

        mutating func issue() {
            let handles = (0..<random.below(3)).map { _ in handle(UInt8(random.below(4))) }
            let sources = (0..<1 + random.below(2)).map { _ in
                Grant.Source(
                    id: UInt32(random.below(3)), name: "s",
                    directories: [random.one(of: GrantComparisonTests.directories)])
            }
            let unique = Array(Set(handles.map(\.hex))).sorted().compactMap { GrantHandle(hex: $0) }
            let grant = Grant.sample(
                user: UInt32(random.below(2)), application: random.one(of: GrantComparisonTests.applications),
                handles: unique, sources: sources, at: time, delay: random.chance(5) ? 40 : 0,
                lifetime: Int64(50 + random.below(100)))
            let standing = may(grant)
            let isGiven = (try? book.add(grant, standing, at: version)) != nil
            #expect(isGiven == (standing == .holds(until: .max)))
            guard isGiven else { return }
            plain.append(
                Plain(grant: grant, expiry: grant.expiresAt.monotonic, handles: unique))
        }

        mutating func renew() {
            guard let place = plain.indices.randomElement(using: &random) else { return }
            let more = plain[place].handles.isEmpty ? [] : [handle(UInt8(random.below(4)))]
            let grant = plain[place].grant
            let standing = may(grant)
            let isRenewed =
                (try? book.renew(grant.id, adding: more, standing, at: version, now: mark(time))) != nil
            let mayBe = time * 1_000_000 < plain[place].expiry && grant.renewals < grant.mostRenewals
            #expect(isRenewed == mayBe)
            guard isRenewed else { return }
            plain[place].expiry = max(plain[place].expiry, (time + UInt64(grant.lifetime)) * 1_000_000)
            plain[place].grant.renewals += 1
            plain[place].handles += more.filter { !plain[place].handles.contains($0) }
        }

        mutating func end() {
            guard let place = plain.indices.randomElement(using: &random) else { return }
            let id = plain.remove(at: place).grant.id
            #expect(book.end(id, .revoked, because: "", at: 0)?.id == id)
        }

        mutating func expire() {
            let over = plain.filter { $0.expiry <= time * 1_000_000 }.map(\.grant.id)
            #expect(Set(book.expire(at: mark(time)).map(\.id)) == Set(over))
            plain.removeAll { over.contains($0.grant.id) }
        }

        /// One right is given or taken, and all are looked at.
        mutating func change() {
            version += 1
            let right = Right(user: UInt32(random.below(2)), source: UInt32(random.below(3)))
            if rights.remove(right) == nil { rights.insert(right) }
            let lost = plain.filter { may($0.grant) != .holds(until: .max) }.map(\.grant.id)
            let policies = self
            let ended = book.check(at: version, now: mark(time)) { grant, _, _ in policies.may(grant) }
            #expect(Set(ended.map(\.id)) == Set(lost))
            plain.removeAll { lost.contains($0.grant.id) }
        }

        /// Whether any grant lets the read through, by the words of `docs/grants.md`.
        func lets(
            _ path: String, _ user: UInt32, _ source: UInt32, _ handles: [GrantHandle], _ context: String
        ) -> Bool {
            plain.contains { one in
                let parts = context.split(separator: "_", maxSplits: 2)
                let named = parts.count == 3 && parts[0] == "SPARK" ? parts[2].prefix { $0 != "_" } : nil
                let now = time * 1_000_000
                let isBound =
                    one.handles.isEmpty
                    ? named.map(String.init) == one.grant.job.application
                    : one.handles.contains { handles.contains($0) }
                        && (named == nil || named.map(String.init) == one.grant.job.application)
                return isBound && one.grant.userID == user && one.grant.notBefore.monotonic <= now && now < one.expiry
                    && one.grant.sources.contains { granted in
                        granted.id == source
                            && granted.directories.contains { path == $0 || path.hasPrefix($0 + "/") }
                    }
            }
        }
    }

    @Test func bookAndListNeverDiffer() {
        var random = RandomNumbers(for: "grants")
        var (allowed, denied) = (0, 0)
        for _ in 0..<40 {
            var world = World(random: RandomNumbers(seed: random.next()))
            for user in 0..<2 as Range<UInt32> {
                for source in 0..<3 as Range<UInt32> { world.rights.insert(Right(user: user, source: source)) }
            }
            for _ in 0..<300 {
                switch world.random.below(12) {
                case 0...3: world.issue()
                case 4, 5: world.renew()
                case 6: world.end()
                case 7: world.expire()
                case 8: world.change()
                default: world.time += UInt64(world.random.below(30))
                }
                for _ in 0..<20 {
                    let path = world.random.one(of: Self.paths)
                    let (user, source) = (UInt32(world.random.below(2)), UInt32(world.random.below(3)))
                    let handles = (0..<world.random.below(3)).map { _ in handle(UInt8(world.random.below(4))) }
                    let context = world.random.one(of: Self.contexts)
                    let expected = world.lets(path, user, source, handles, context)
                    let said = world.book.live.fit(
                        path, user: user, dataSource: source, handles: handles, context: context, at: world.time)
                    #expect(
                        (said != nil) == expected,
                        "\(path) by \(user) at \(source) with \(handles.map(\.hex)) `\(context)` at \(world.time)")
                    if expected { allowed += 1 } else { denied += 1 }
                }
            }
            #expect(world.book.count == world.plain.count)
        }
        #expect(allowed > 1_000)
        #expect(denied > 1_000)
    }
}
