import Policy
import Testing

struct PrincipalTests {
    struct Case: Sendable {
        var first: String
        var second: String
        var complaint: String?
    }

    @Test(arguments: [
        Case(
            first: "{name: a, principal: alice@EXAMPLE.COM}", second: "{name: b, principal: alice}",
            complaint: "two.yaml:1:30: user `b`: `principal`: the principal `alice@EXAMPLE.COM` is claimed by user `a` "
                + "too (one.yaml:1:30); give it to one of them"),
        Case(
            first: "{name: a, principal: alice@A.COM}", second: "{name: b, principal: alice@B.COM}",
            complaint: "two.yaml:1:30: user `b`: `principal`: the short name `alice` is claimed by user `a` too "
                + "(one.yaml:1:30); give it to one of them"),
        Case(
            first: "{name: a, principal: bob@EXAMPLE.COM}", second: "{name: bob}",
            complaint: "two.yaml:1:9: user `bob`: `name`: the short name `bob` is claimed by user `a` too "
                + "(one.yaml:1:30); give it to one of them"),
        Case(first: "{name: a, principal: b@EXAMPLE.COM}", second: "{name: c, principal: a@EXAMPLE.COM}"),
        Case(first: "{name: a}", second: "{name: b}"),
    ])
    func belongsToOneUser(users: Case) {
        let first = file("users: [\(users.first)]", name: "one.yaml")
        let second = file("users: [\(users.second)]", name: "two.yaml")
        #expect(complaints(applying: [first, second]) == [users.complaint].compactMap(\.self))
    }

    @Test func ofAStoredUserIsComplainedOfWhereTheFileIs() {
        let stored = PolicySet(users: [User(name: "zoe", principal: "alice@EXAMPLE.COM")])
        #expect(
            complaints(applying: [file("users:\n  - name: alice\n")], to: stored) == [
                "policy.yaml:2:5: user `alice`: `name`: the short name `alice` is claimed by user `zoe` too (stored); "
                    + "give it to one of them"
            ])
    }

    @Test func thatCannotBeParsedIsRefusedInTheParsersWords() {
        let yaml = """
            users:
              - name: a
                principal: "@X"
            data-sources:
              - name: s
                kind: files
                directories: [/s]
                credential:
                  principal: "@Y"
                subscription: anyone
            """
        #expect(
            complaints(applying: [file(yaml)]) == [
                "policy.yaml:3:16: user `a`: `principal`: `@X` is not a principal: it has no name before the realm",
                "policy.yaml:9:18: data source `s`: `credential.principal`: "
                    + "`@Y` is not a principal: it has no name before the realm",
            ])
    }

    @Test func withoutAShortNameIsClaimedAlone() throws {
        let document = try PolicyDocument(
            reading: [file("users: [{name: a, principal: x@A}, {name: b, principal: x@B}]")])
        let policies = try document.applied(to: PolicySet(), prune: false) {
            ClaimedIdentity(principalKey: $0, shortName: nil)
        }
        #expect(policies.users.count == 2)
    }
}
