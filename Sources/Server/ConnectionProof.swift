import Administration
import Decision
import NIOCore
import Tickets
import Wire

/// What is known of who is at the other end of a connection. A connection proves it once; what goes wrong on the way
/// leaves it without standing until it ends.
struct ConnectionProof {
    private enum State {
        /// The kernel's word alone.
        case uid
        case challenged(Challenge)
        /// A ticket is looked at.
        case looking
        case proven(Proof)
        case refused(String)
    }

    private var state = State.uid

    /// Whether a ticket waits for ``settle(_:)``.
    var isLooking: Bool { if case .looking = state { true } else { false } }

    /// - Throws: the refusal, once something was proved or tried.
    mutating func begin(_ challenge: Challenge) throws(TicketError) {
        guard case .uid = state else { throw TicketError("a connection proves once; make another one") }
        state = .challenged(challenge)
    }

    /// - Returns: what the ticket has to answer.
    /// - Throws: the refusal of a ticket that nobody asked for.
    mutating func take() throws(TicketError) -> Challenge {
        guard case .challenged(let challenge) = state else {
            throw TicketError("a ticket answers a challenge: ask for one first, with `prove`")
        }
        state = .looking
        return challenge
    }

    mutating func settle(_ proof: Proof) {
        state = .proven(proof)
    }

    mutating func refuse(because words: String) {
        state = .refused(words)
    }

    /// For whom the connection speaks by itself.
    ///
    /// - Parameter requiresProof: whether the uid proves nothing.
    /// - Throws: why for nobody, where it has tried to prove for whom.
    func standing(at now: Moment, requiresProof: Bool) throws(TicketError) -> Party.Standing {
        switch state {
        case .uid, .challenged: return requiresProof ? .none : .uid
        case .looking: throw TicketError("a ticket is being looked at; wait for what comes of it")
        case .proven(let proof):
            guard !proof.isOver(at: now) else { throw TicketError("the Kerberos ticket of this connection has ended") }
            return .ticket(proof)
        case .refused(let words):
            throw TicketError("the proof on this connection was refused, and it speaks for nobody: \(words)")
        }
    }
}

extension ServiceConnection {
    /// Answers a `prove` or takes a `ticket`.
    func takeProof(_ type: FrameType, _ frame: Frame) throws(WireError) {
        do throws(TicketError) {
            guard let tickets = service.tickets else {
                throw TicketError("this service takes no Kerberos tickets: its configuration has no `kerberos`")
            }
            if type == .prove {
                let challenge = Challenge()
                try proof.begin(challenge)
                return send { $0.writeChallenge(challenge.bytes, request: frame.request) }
            }
            let challenge = try proof.take()
            var body = frame.body
            try tickets.look(at: try body.ticket(), answering: challenge) { self.settle($0, frame.request) }
        } catch {
            throw refusal(of: error)
        }
    }

    private func settle(_ result: Result<TicketDesk.Accepted, TicketError>, _ request: RequestID) {
        guard isOpen else { return }
        // Whatever came in between has refused it.
        guard proof.isLooking else { return }
        switch result {
        case .success(let accepted):
            proof.settle(accepted.proof)
            end(in: accepted.remaining)
            send { $0.writeProven(accepted.proven, request: request) }
        case .failure(let error): fail(refusal(of: error), request)
        }
    }

    /// What follows is refused, too.
    private func refusal(of error: TicketError) -> WireError {
        proof.refuse(because: error.description)
        recordRefusal("Kerberos proof: \(error)")
        return WireError(.proofRefused, error.description)
    }

    /// For whom the connection speaks that gives a command.
    ///
    /// - Returns: `nil` for nobody, and then the command is refused.
    func party(giving command: Command, _ request: RequestID) -> Party? {
        guard command.isForEveryUser else { return Party(peer: peer, roles: roles, standing: .none) }
        do throws(TicketError) {
            let standing = try proof.standing(
                at: service.engine.now, requiresProof: service.tickets?.requiresProof ?? false)
            let party = Party(peer: peer, roles: roles, standing: standing)
            if case .none = standing, !party.isAdministrator, !party.isGateway { throw TicketError(Party.needsTicket) }
            return party
        } catch {
            recordRefusal("\(command.words): \(error)")
            fail(WireError(.roleRequired, error.description), request)
            return nil
        }
    }

    /// Counts and records that the peer was refused something.
    func recordRefusal(_ words: String) {
        service.engine.stageEvent(.refusal, actor: peer.label, detail: "\(words): \(peer)")
        service.turn.schedule()
    }
}

extension ByteBuffer {
    fileprivate mutating func ticket() throws(TicketError) -> [UInt8] {
        do throws(WireError) {
            return try readTicket()
        } catch {
            throw TicketError(error.message)
        }
    }
}
