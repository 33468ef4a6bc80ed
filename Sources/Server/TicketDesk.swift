import Decision
import NIOCore
import NIOPosix
import Policy
import Tickets
import Wire

/// Where Kerberos tickets are looked at: by a thread of its own, which waits for files so that nobody else has to.
/// Belongs to the event loop.
final class TicketDesk {
    /// Tickets that may wait for their turn.
    private static let mostWaiting = 64

    struct Accepted: Sendable {
        var proof: Proof
        var proven: Proven
        /// Until the ticket ends.
        var remaining: TimeAmount
    }

    let requiresProof: Bool
    private let acceptor: TicketAcceptor
    private let identity: ClusterIdentity
    private let clock: ServiceClock
    private let loop: any EventLoop
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private var waiting = 0

    init(_ options: KerberosOptions, identity: ClusterIdentity, clock: ServiceClock = .system, loop: any EventLoop) {
        requiresProof = options.requiresProof
        acceptor = TicketAcceptor(
            keytab: options.keytab, principal: options.servicePrincipal, replayCache: options.replayCache)
        self.identity = identity
        self.clock = clock
        self.loop = loop
        thread.start()
    }

    func stop() {
        thread.shutdownGracefully { _ in }
    }

    /// - Parameter then: called on the event loop with what comes of the ticket.
    /// - Throws: where too many wait already.
    func look(
        at token: [UInt8], answering challenge: Challenge, then: @escaping (Result<Accepted, TicketError>) -> Void
    ) throws(TicketError) {
        guard waiting < Self.mostWaiting else {
            throw TicketError("\(waiting) tickets wait to be looked at; try again later, on another connection")
        }
        waiting += 1
        let (acceptor, identity, clock) = (acceptor, identity, clock)
        thread.runIfActive(eventLoop: loop) { () -> Result<Accepted, TicketError> in
            do throws(TicketError) {
                return .success(try Self.look(at: token, challenge, acceptor, identity, clock))
            } catch {
                return .failure(error)
            }
        }.assumeIsolated().whenComplete { result in
            self.waiting -= 1
            then(result.flatMapError { _ in .failure(TicketError("the service is shutting down")) }.flatMap(\.self))
        }
    }

    private static func look(
        at token: [UInt8], _ challenge: Challenge, _ acceptor: TicketAcceptor, _ identity: ClusterIdentity,
        _ clock: ServiceClock
    ) throws(TicketError) -> Accepted {
        let ticket = try acceptor.accept(token, answering: challenge)
        let now = clock.now()
        let end = Instant(milliseconds: ticket.end * 1_000)
        let remaining = end.milliseconds - now.wall.milliseconds
        guard remaining > 0 else { throw TicketError("the ticket of `\(ticket.principal)` has expired") }
        let caller: Caller
        do {
            caller = try identity.caller(Array(ticket.principal.utf8))
        } catch {
            throw TicketError("the ticket is of `\(ticket.principal)`, who is nobody here: \(error)")
        }
        return Accepted(
            proof: Proof(
                caller: caller,
                end: Moment(monotonic: now.monotonic + UInt64(remaining) * 1_000_000, wall: end)),
            proven: Proven(end: end.milliseconds, principal: ticket.principal, reply: ticket.reply),
            remaining: .milliseconds(remaining))
    }
}
