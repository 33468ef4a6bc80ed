import Foundation
import Grants
import Storage
import Testing

struct GrantStoreTests {
    private func grant(
        _ application: String = "app-1", handles: [UInt8] = [1, 2], issuedAt: Int64 = 1_000
    ) -> Grant {
        Grant(
            userID: 3, user: "ann", principal: "ann@EXAMPLE.COM", nameservice: "ns1",
            job: Grant.Job(application: application, query: "q"),
            handles: handles.map { GrantHandle([UInt8](repeating: $0, count: 32).span) },
            sources: [Grant.Source(id: 9, name: "orders", directories: ["/w/orders", "/w/caf\u{E9}"])], askedBy: 1_000,
            now: Grant.Mark(monotonic: 5_000_000, wall: issuedAt), delay: 10, lifetime: 120_000, mostRenewals: 7,
            policyVersion: 4)
    }

    private func ended(_ grant: Grant, at time: Int64 = 2_000) -> Grant {
        var grant = grant
        (grant.state, grant.endedAt, grant.endedBecause) = (.revoked, time, "a test")
        return grant
    }

    @Test func whatIsKeptIsFoundAgainAsItWas() throws {
        let folder = try TemporaryFolder()
        let (one, other) = (grant(), grant("app-2", handles: [], issuedAt: 1_001))
        let store = try GrantStore(path: folder.store, boot: "a")
        try store.insert(one)
        try store.insert(other)
        let again = try GrantStore(path: folder.store, boot: "b")
        #expect(try again.live() == [.init(grant: one, boot: "a"), .init(grant: other, boot: "a")])
        #expect(try again.grant(one.id) == one)
        #expect(try again.grant("x") == nil)
        #expect(try again.ended().isEmpty)
        #expect(try again.checkedAt() == nil)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.store)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func renewalsAreKeptWithTheStartOfTheMachine() throws {
        let folder = try TemporaryFolder()
        try GrantStore(path: folder.store, boot: "a").insert(grant())
        let store = try GrantStore(path: folder.store, boot: "b")
        var renewed = try #require(try store.live().first).grant
        renewed.handles.append(GrantHandle([UInt8](repeating: 9, count: 32).span))
        renewed.expiresAt = Grant.Mark(monotonic: 77, wall: 78)
        (renewed.renewals, renewed.policyVersion) = (1, 6)
        try store.update([renewed])
        #expect(try store.live() == [.init(grant: renewed, boot: "b")])
    }

    @Test func whatHasEndedStaysSo() throws {
        let folder = try TemporaryFolder()
        let store = try GrantStore(path: folder.store, boot: "a")
        let one = grant()
        try store.insert(one)
        try store.end([ended(one)], checkedAt: 5)
        var late = one
        late.renewals = 1
        try store.update([late])
        var again = one
        (again.state, again.endedAt, again.endedBecause) = (.released, 9_999, "later")
        try store.end([again])
        #expect(try store.live().isEmpty)
        #expect(try store.ended() == [ended(one)])
        #expect(try store.grant(one.id) == ended(one))
        #expect(try store.checkedAt() == 5)
        try store.end([], checkedAt: 8)
        #expect(try store.checkedAt() == 8)
    }

    @Test func endedGrantsAreForgottenAfterADayAndLiveOnesNever() throws {
        let folder = try TemporaryFolder()
        let store = try GrantStore(path: folder.store, boot: "a")
        let (old, live) = (grant(), grant())
        try store.insert(old)
        try store.insert(live)
        try store.end([ended(old)])
        try store.insert(grant(issuedAt: 2_000 + 24 * 3_600_000))
        #expect(try store.grant(old.id) != nil)
        try store.insert(grant(issuedAt: 2_001 + 24 * 3_600_000))
        #expect(try store.grant(old.id) == nil)
        #expect(try store.grant(live.id) == live)
    }

    @Test func whatKeepsAJobOutIsKeptAsLongAsItDoes() throws {
        let folder = try TemporaryFolder()
        let store = try GrantStore(path: folder.store, boot: "a", mostKept: 1)
        let grants = (0..<3).map { _ in grant() }
        for (time, one) in grants.enumerated() {
            try store.insert(one)
            var end = ended(one, at: Int64(time))
            if time < 2 { end.keptOutUntil = 10_000 - Int64(time) }
            try store.end([end])
        }
        try store.insert(grant(issuedAt: 5_000))
        #expect(try store.keptOut(at: 5_000).map(\.id) == [grants[1].id, grants[0].id])
        #expect(try store.keptOut(at: 9_999).map(\.id) == [grants[0].id])
        try store.insert(grant(issuedAt: 10_001))
        #expect(try store.grant(grants[0].id) == nil)
    }

    @Test func ofManyThatHaveEndedTheLastAreKept() throws {
        let folder = try TemporaryFolder()
        let store = try GrantStore(path: folder.store, boot: "a", mostKept: 3)
        let grants = (0..<6).map { _ in grant() }
        for (time, one) in grants.enumerated() {
            try store.insert(one)
            try store.end([ended(one, at: Int64(time))])
        }
        try store.insert(grant())
        #expect(Set(try store.ended().map(\.id)) == Set(grants[3...].map(\.id)))
    }

    @Test func idIsGivenOnce() throws {
        let folder = try TemporaryFolder()
        let store = try GrantStore(path: folder.store, boot: "a")
        let one = grant()
        try store.insert(one)
        #expect(throws: StoreError.self) { try store.insert(one) }
    }

    @Test func fileOfAnotherProgramOrALaterReleaseIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        _ = try PolicyStore(path: folder.store)
        let before = try folder.bytes(of: folder.store)
        let error = try? #require(throws: StoreError.self) { try GrantStore(path: folder.store, boot: "a") }
        #expect(error?.kind == .notAStore)
        #expect(error?.description.hasPrefix("store of grants `\(folder.store)`: ") == true)
        #expect(try folder.bytes(of: folder.store) == before)
        let other = "\(folder.path)/grants"
        _ = try GrantStore(path: other, boot: "a")
        try folder.overwriteHeader(of: other, at: 60, with: 2)
        let later = try? #require(throws: StoreError.self) { try GrantStore(path: other, boot: "a") }
        #expect(later?.kind == .newer)
    }
}
