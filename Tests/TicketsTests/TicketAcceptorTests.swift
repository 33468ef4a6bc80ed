import Foundation
import Testing

@testable import Tickets

/// What needs no KDC; the rest is tested with a real one, by `Tests/Service/test_kerberos.py`.
@Suite struct TicketAcceptorTests {
    private let service = "authorizer/localhost@EXAMPLE.COM"

    @Test func challengesAreNeverTheSame() {
        let challenges = (0..<100).map { _ in Challenge().bytes }
        #expect(Set(challenges).count == 100)
        #expect(challenges.allSatisfy { $0.count == Challenge.byteCount })
    }

    @Test func keytabThatOthersCanReadIsNotUsed() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("k-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        // The head of a keytab of version 5.2, without entries.
        try Data([5, 2]).write(to: URL(fileURLWithPath: path))
        let acceptor = TicketAcceptor(keytab: path, principal: service, replayCache: "\(path)-replays")
        #expect(chmod(path, 0o640) == 0)
        #expect(try words { () throws(TicketError) in try acceptor.check() }.contains("can be used by others"))
        #expect(chmod(path, 0o600) == 0)
        let none = try words { () throws(TicketError) in try acceptor.check() }
        #expect(none.contains(path) && none.contains(service))
    }

    @Test func principalThatIsNoneIsRefusedInWords() throws {
        let said = try words { () throws(TicketError) in
            _ = try TicketInitiator(for: "a@b@c", answering: Challenge())
        }
        #expect(said == "no Kerberos ticket for `a@b@c`: Malformed representation of principal")
    }

    private func words(_ body: () throws(TicketError) -> Void) throws -> String {
        try #require(#expect(throws: TicketError.self) { try body() }).description
    }
}
