import StrictYAML
import Testing

@testable import Policy

struct SpellingTests {
    @Test(arguments: [
        ("usres", "users"), ("Users", "users"), ("data_sources", "data-sources"), ("datasources", "data-sources"),
        ("ignored-user", "ignored-users"), ("grops", "groups"),
    ])
    func theNearestWordIsMeant(word: String, meant: String) {
        let known = ["groups", "attributes", "users", "ignored-users", "data-sources"]
        #expect(Spelling.nearest(to: word, among: known) == meant)
    }

    @Test(arguments: ["", "x", "policies", "shoes"])
    func aWordFarFromAllIsNone(word: String) {
        #expect(Spelling.nearest(to: word, among: ["groups", "directories"]) == nil)
    }

    @Test func theFirstInOrderIsMeantOfSeveral() {
        #expect(Spelling.nearest(to: "bat", among: ["hat", "cat"]) == "cat")
    }
}
