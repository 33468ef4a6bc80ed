import Testing
import Wire

@testable import Server

struct RolesTests {
    private let assignments = RoleAssignments(
        namenode: .init(userIDs: [100]), admin: .init(userIDs: [0], groupIDs: [50]))

    @Test(arguments: [
        (Peer(processID: 1, userID: 100, groupIDs: [100]), Roles([.spark, .namenode])),
        (Peer(processID: 1, userID: 0, groupIDs: [0]), Roles([.spark, .admin])),
        (Peer(processID: 1, userID: 7, groupIDs: [7, 50]), Roles([.spark, .admin])),
        (Peer(processID: 1, userID: 50, groupIDs: [7]), Roles([.spark])),
    ])
    func peerHasTheRolesOfItsUserAndItsGroups(peer: Peer, roles: Roles) {
        #expect(assignments.roles(of: peer) == roles)
    }
}
