import StrictYAML
import Testing

@testable import Policy

/// Objects that name objects which there are not.
struct ReferenceTests {
    @Test func everyUndeclaredNameIsRefusedWhereItStands() {
        let yaml = """
            groups: [{name: analysts}]
            attributes: [{name: country}]
            users:
              - name: alice
                groups: [analists]
                attributes:
                  county: DE
            data-sources:
              - name: a
                kind: files
                directories: [/a]
                subscription:
                  users: [alcie, bob]
                  groups: [x]
              - name: b
                kind: files
                directories: [/b]
                subscription:
                  condition:
                    any:
                      - not: {group: interns}
                      - attribute: {country: DE}
                      - attribute: {region: EU}
            """
        #expect(
            complaints(applying: [file(yaml)]) == [
                "policy.yaml:5:14: user `alice`: `groups`: "
                    + "there is no group `analists`; did you mean `analysts`",
                "policy.yaml:7:7: user `alice`: `attributes`: there is no attribute `county`; did you mean `country`",
                "policy.yaml:13:15: data source `a`: `subscription.users`: "
                    + "there is no user `alcie`; did you mean `alice`",
                "policy.yaml:13:22: data source `a`: `subscription.users`: "
                    + "there is no user `bob`; define it or remove the name",
                "policy.yaml:14:16: data source `a`: `subscription.groups`: "
                    + "there is no group `x`; define it or remove the name",
                "policy.yaml:21:26: data source `b`: `subscription.condition`: "
                    + "there is no group `interns`; define it or remove the name",
                "policy.yaml:23:25: data source `b`: `subscription.condition`: "
                    + "there is no attribute `region`; define it or remove the name",
            ])
    }

    @Test func whatIsStoredMayBeNamed() throws {
        let stored = PolicySet(groups: [Group(name: "analysts")], users: [User(name: "alice")])
        let policies = try apply(
            """
            users: [{name: bob, groups: [analysts]}]
            data-sources: [{name: a, kind: files, directories: [/a], subscription: {users: [alice]}}]
            """, to: stored)
        #expect(policies.users.map(\.name) == ["alice", "bob"])
    }

    @Test func aStoredObjectThatNamesWhatIsDeletedIsToldOf() {
        let stored = PolicySet(groups: [Group(name: "analysts")], users: [User(name: "alice", groups: ["analysts"])])
        let deletion = PolicyEdit(kind: .group, name: "analysts", before: .group(stored.groups[0]), after: nil)
        let told = #expect(throws: DocumentErrors.self) {
            try PolicyDocument.checked([deletion], of: PolicySetBase(stored, identify: identify), identify: identify)
        }
        #expect(
            told?.description
                == "stored: user `alice`: `groups`: there is no group `analysts`; define it or remove the name")
    }

    @Test func whatPruningDeletesMayNotBeNamed() {
        let stored = PolicySet(groups: [Group(name: "analysts")])
        #expect(
            complaints(applying: [file("users: [{name: a, groups: [analysts]}]")], to: stored, prune: true) == [
                "policy.yaml:1:28: user `a`: `groups`: there is no group `analysts`; define it or remove the name"
            ])
    }
}
