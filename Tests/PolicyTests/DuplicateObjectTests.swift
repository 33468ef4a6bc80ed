import Policy
import Testing

struct DuplicateObjectTests {
    @Test func isRefusedWithBothPlaces() {
        let first = """
            groups: [{name: a}]
            attributes: [{name: a}]
            users: [{name: a}]
            data-sources: [{name: a, kind: files, directories: [/a], subscription: anyone}]
            """
        let second = """
            groups:
              - name: a
            attributes:
              - name: a
            users:
              - name: a
            data-sources:
              - {name: a, kind: files, directories: [/b], subscription: anyone}
            """
        #expect(
            complaints(applying: [file(first, name: "one.yaml"), file(second, name: "two.yaml")]) == [
                "two.yaml:2:5: group `a`: already defined at one.yaml:1:10; keep one of the two",
                "two.yaml:4:5: attribute `a`: already defined at one.yaml:2:14; keep one of the two",
                "two.yaml:6:5: user `a`: already defined at one.yaml:3:9; keep one of the two",
                "two.yaml:8:5: data source `a`: already defined at one.yaml:4:16; keep one of the two",
            ])
    }

    @Test func ofOneFileIsRefused() {
        #expect(
            complaints(reading: "users:\n  - name: a\n  - name: b\n  - name: a\n") == [
                "policy.yaml:4:5: user `a`: already defined at policy.yaml:2:5; keep one of the two"
            ])
    }

    @Test func ofAnotherKindIsNone() throws {
        #expect(try apply("users: [{name: a}]\ngroups: [{name: a}]").users.count == 1)
    }

    @Test func anIgnoredUserTwiceInOneListIsRefused() {
        #expect(
            complaints(reading: "ignored-users: [hive, hdfs, hive]")
                == ["policy.yaml:1:29: `ignored-users`: `hive` is listed twice; keep one"])
    }
}
