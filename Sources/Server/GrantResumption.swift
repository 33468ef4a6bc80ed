import Decision
import Grants
import Storage

/// Which of the grants that were live when the service ended go on.
///
/// Within one start of the machine their time is that of the monotonic clock, whatever the wall clock did. After another
/// start it is that of the wall clock, and never more than it was.
struct GrantResumption {
    let store: GrantStore
    /// Names the start of the machine.
    let boot: String
    let withoutKerberos: GrantOptions.WithoutKerberos

    /// - Returns: those that go on, and those that have ended; both are on the disk.
    /// - Throws: `StoreError`.
    func run(
        into book: inout GrantBook, by engine: DecisionEngine
    ) throws(StoreError) -> (live: [Grant], ended: [Grant]) {
        let (version, now) = (engine.snapshot.version, Grant.Mark(engine.now))
        for grant in try store.keptOut(at: now.wall) {
            // However the wall clock was set.
            let rest = min((grant.keptOutUntil ?? 0) - now.wall, GrantDesk.keptOut)
            book.keepOut(grant, until: now.advanced(byMilliseconds: rest).monotonic)
        }
        let checkedAt = try store.checkedAt() ?? 0
        var (live, ended): ([Grant], [Grant]) = ([], [])
        for kept in try store.live() {
            var grant = kept.grant
            do throws(Ended) {
                if kept.boot != boot { grant = try Self.moved(grant, to: now) }
                guard now.monotonic < grant.expiresAt.monotonic else { throw .expired }
                guard !grant.handles.isEmpty || withoutKerberos == .bindToApplication else {
                    throw .revoked("grants without a token are not given any more")
                }
                // Between two versions that it was not looked at there may have been one that ends it.
                let seen = max(checkedAt, grant.policyVersion)
                guard version == seen || version == seen + 1 else { throw .revoked("the policies changed unseen") }
                do throws(GrantRefusal) {
                    try book.add(grant, engine.standing(of: grant), at: version, isOld: true)
                } catch {
                    throw .revoked(error.description)
                }
                live.append(grant)
            } catch {
                (grant.state, grant.endedBecause) = error.meaning
                grant.endedAt = now.wall
                ended.append(grant)
            }
        }
        try store.update(live)
        if !(live.isEmpty && ended.isEmpty) { try store.end(ended, checkedAt: version) }
        return (live, ended)
    }

    private enum Ended: Error {
        case expired
        case revoked(String)

        var meaning: (Grant.State, String) {
            switch self {
            case .expired: (.expired, "it was not renewed in time")
            case .revoked(let because): (.revoked, because)
            }
        }
    }

    /// The grant with its instants on the monotonic clock of this start of the machine.
    private static func moved(_ grant: Grant, to now: Grant.Mark) throws(Ended) -> Grant {
        let delay = max(0, grant.notBefore.wall - now.wall)
        let rest = grant.expiresAt.wall - now.wall
        guard rest > 0 else { throw .expired }
        guard now.wall >= grant.issuedAt, rest <= delay + grant.lifetime else {
            throw .revoked("the wall clock went back while the machine was restarted")
        }
        var moved = grant
        moved.notBefore = now.advanced(byMilliseconds: delay)
        moved.expiresAt = now.advanced(byMilliseconds: rest)
        return moved
    }
}
