import Administration
import Decision
import Policy
import Testing
import Tickets
import Wire

@testable import Server

@Suite struct ConnectionProofTests {
    private let challenge = Challenge(bytes: Array(0..<32))
    private let alice: Caller

    init() throws {
        alice = try Bench.identity.caller(Array("alice@EXAMPLE.COM".utf8))
    }

    private func moment(_ seconds: Int64, monotonic: UInt64? = nil) -> Moment {
        Moment(
            monotonic: monotonic ?? UInt64(seconds) * 1_000_000_000, wall: Instant(milliseconds: seconds * 1_000))
    }

    private func proven(until end: Moment) throws -> ConnectionProof {
        var proof = ConnectionProof()
        try proof.begin(challenge)
        _ = try proof.take()
        proof.settle(Proof(caller: alice, end: end))
        return proof
    }

    private func speaks(_ proof: ConnectionProof, at now: Moment) -> Bool {
        if case .ticket = try? proof.standing(at: now, requiresProof: true) { true } else { false }
    }

    @Test func uidCountsUnlessAProofIsRequired() throws {
        var proof = ConnectionProof()
        for _ in 0..<2 {
            guard case .uid = try proof.standing(at: moment(1), requiresProof: false),
                case .none = try proof.standing(at: moment(1), requiresProof: true)
            else { throw TicketError("neither") }
            // Nothing has been shown yet.
            try? proof.begin(challenge)
        }
    }

    @Test func ticketAnswersTheChallengeThatWasSent() throws {
        var proof = ConnectionProof()
        #expect(throws: TicketError.self) { try proof.take() }
        try proof.begin(challenge)
        #expect(throws: TicketError.self) { try proof.begin(challenge) }
        #expect(try proof.take() == challenge)
        #expect(proof.isLooking)
        #expect(throws: TicketError.self) { try proof.take() }
        #expect(throws: TicketError.self) { try proof.standing(at: moment(1), requiresProof: false) }
    }

    @Test func standingEndsWithTheTicketByWhicheverClockIsFirst() throws {
        let proof = try proven(until: moment(100))
        #expect(speaks(proof, at: moment(99)))
        #expect(!speaks(proof, at: moment(100)))
        #expect(!speaks(proof, at: moment(1, monotonic: 100_000_000_000)), "the wall clock was set back")
        #expect(!speaks(proof, at: moment(100, monotonic: 1)), "the wall clock was set forward")
    }

    @Test func refusalLeavesNothingOfTheUidOrOfAnEarlierProof() throws {
        for var proof in [ConnectionProof(), try proven(until: moment(100))] {
            proof.refuse(because: "replay")
            let error = #expect(throws: TicketError.self) {
                try proof.standing(at: moment(1), requiresProof: false)
            }
            #expect(error?.description.contains("replay") == true)
            #expect(throws: TicketError.self) { try proof.begin(challenge) }
        }
    }

    @Test func proofTakesAwayTheRoleOfAGatewayAndGivesNone() throws {
        let peer = Peer(processID: 1, userID: 7, groupIDs: [7])
        let proof = Proof(caller: alice, end: moment(100))
        let party = Party(peer: peer, roles: [.spark, .gateway, .admin], standing: .ticket(proof))
        #expect(party.roles == [.spark, .admin])
        #expect(Party(peer: peer, roles: [.spark], standing: .ticket(proof)).roles == [.spark])
        #expect(Party(peer: peer, roles: [.spark, .gateway], standing: .uid).isGateway)
        #expect(party.account == "alice@EXAMPLE.COM")
        #expect(Party(peer: peer, roles: [.spark], standing: .uid).account == "uid 7")
    }
}
