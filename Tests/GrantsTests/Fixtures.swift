@testable import Grants

/// Handles that differ by a number.
func handle(_ number: UInt8) -> GrantHandle {
    GrantHandle([UInt8](repeating: number, count: GrantHandle.byteCount).span)
}

extension Grant {
    /// One that is like others but for what is said.
    static func sample(
        user: UInt32 = 1, application: String = "app-1", handles: [GrantHandle] = [handle(1)],
        sources: [Source] = [Source(id: 7, name: "orders", directories: ["/w/orders"])], at now: UInt64 = 0,
        delay: Int64 = 0, lifetime: Int64 = 1_000, mostRenewals: Int = 2
    ) -> Grant {
        Grant(
            userID: user, user: "u\(user)", principal: "u\(user)@EXAMPLE.COM", nameservice: "ns1",
            job: Job(application: application), handles: handles, sources: sources, askedBy: 1_000, now: mark(now),
            delay: delay, lifetime: lifetime, mostRenewals: mostRenewals, policyVersion: 1)
    }
}

/// A wall clock that shows something else than the monotonic one.
func mark(_ milliseconds: UInt64) -> Grant.Mark {
    Grant.Mark(monotonic: milliseconds * 1_000_000, wall: 5_000_000 - Int64(milliseconds))
}

extension LiveGrants {
    /// Whether a read fits a grant; the number of that grant.
    func fit(
        _ path: String = "/w/orders/f", user: UInt32 = 1, dataSource: UInt32 = 7, handles: [GrantHandle] = [handle(1)],
        context: String = "", at milliseconds: UInt64 = 0
    ) -> UInt32? {
        let proof = handles.flatMap(\.bytes)
        let evidence = [0xFF] + proof + Array(context.utf8)
        let claim = GrantClaim(handles: 1..<1 + proof.count, callerContext: 1 + proof.count..<evidence.count)
        guard mayFit(claim) else { return nil }
        return grant(
            for: claim, in: evidence.span, user: user, dataSource: dataSource, path: Array(path.utf8).span,
            now: milliseconds * 1_000_000)
    }
}
