import Policy
import Testing

struct ConditionCodingTests {
    private let nested = Condition.all([
        .group("a\"b"), .any([.attribute("country", value: "D/E"), .group("x")]), .not(.group("interns")),
    ])

    @Test func isWrittenAsPolicyFilesWriteIt() {
        let json =
            #"{"all":[{"group":"a\"b"},{"any":[{"attribute":{"country":"D/E"}},{"group":"x"}]},"#
            + #"{"not":{"group":"interns"}}]}"#
        #expect(nested.json == json)
    }

    @Test func isReadBack() throws {
        #expect(try Condition(json: nested.json) == nested)
    }

    @Test(arguments: [
        "{}", "[]", #"{"group":1}"#, #"{"group":"a","not":{"group":"b"}}"#, #"{"attribute":{}}"#,
        #"{"attribute":{"a":"b","c":"d"}}"#, #"{"grp":"a"}"#, "", #"{"not":null}"#,
    ])
    func anythingElseIsRefused(json: String) {
        #expect(throws: DecodingError.self) { try Condition(json: json) }
    }
}
