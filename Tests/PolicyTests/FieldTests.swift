import Policy
import Testing

/// What is wrong with single fields.
struct FieldTests {
    @Test(arguments: [
        ("{nam: x}", "5:5: user: unknown field `nam`; did you mean `name`"),
        ("{shoe-size: 9, name: x}", Self.unknownShoeSize),
        ("{name: }", "5:11: user: `name`: expected text, found nothing; write a value or remove the field"),
        ("{name: ~}", "5:11: user: `name`: expected text, found nothing; write a value or remove the field"),
        ("{name: Null}", "5:11: user: `name`: expected text, found nothing; write a value or remove the field"),
        ("{name: [x]}", "5:11: user: `name`: expected text, found a list"),
        ("{name: ''}", "5:11: user ``: `name`: the text is empty; write at least one character"),
        ("{name: \"a\\tb\"}", "5:11: user `a\\tb`: `name`: `a\\tb` has a control character; remove it"),
        ("{name: \"a\\0\"}", "5:11: user `a\\0`: `name`: `a\\0` has a control character; remove it"),
        ("{name: !!int 5}", Self.taggedName),
        ("{name: x, principal: ~}", Self.nothing(25, "principal", "text")),
        ("{name: x, groups: a}", "5:22: user `x`: `groups`: expected a list, found `a`"),
        ("{name: x, groups: }", Self.nothing(22, "groups", "a list")),
        ("{name: x, groups: [a, a]}", "5:26: user `x`: `groups`: `a` is listed twice; keep one"),
        ("{name: x, groups: [null]}", Self.nothing(23, "groups", "text")),
        ("{name: x, groups: [[a]]}", "5:23: user `x`: `groups`: expected text, found a list"),
        ("{name: x, attributes: [a]}", "5:26: user `x`: `attributes`: expected a mapping, found a list"),
        ("{name: x, attributes: {a: {}}}", "5:30: user `x`: `attributes.a`: expected text, found a mapping"),
        ("{name: x, attributes: {a: []}}", Self.emptyAttribute),
        ("{name: x, enabled: no}", "5:23: user `x`: `enabled`: expected `true` or `false`, found `no`"),
        ("{name: x, enabled: 'true'}", "5:23: user `x`: `enabled`: `true` is in quotes; write it without"),
        ("{name: x, enabled: }", Self.nothing(23, "enabled", "`true` or `false`")),
        ("x", "5:4: user: expected a mapping, found `x`"),
    ])
    func ofAUserIsRefused(user: String, complaint: String) {
        let told = complaints(reading: "groups:\n  - name: a\n    about: x\nusers:\n - \(user)\n")
        #expect(told.contains("policy.yaml:\(complaint)"), "\(told)")
    }

    private static let unknownShoeSize =
        "5:5: user `x`: unknown field `shoe-size`; "
        + "known are `name`, `principal`, `groups`, `attributes`, `enabled`, `suspended-until`"
    private static let taggedName =
        "5:11: user `5`: `name`: expected text, found the tag `tag:yaml.org,2002:int`; remove it"
    private static let emptyAttribute =
        "5:30: user `x`: `attributes.a`: the list is empty; name a value or remove the attribute"

    private static func nothing(_ column: Int, _ field: String, _ what: String) -> String {
        "5:\(column): user `x`: `\(field)`: expected \(what), found nothing; write a value or remove the field"
    }

    @Test func aMissingFieldIsNamed() {
        #expect(
            complaints(reading: "users:\n  - groups: []\ndata-sources:\n  - name: sales\n") == [
                "policy.yaml:2:5: user: the field `name` is missing; add it",
                "policy.yaml:4:5: data source `sales`: the field `kind` is missing; add it",
                "policy.yaml:4:5: data source `sales`: the field `directories` is missing; add it",
                "policy.yaml:4:5: data source `sales`: the field `subscription` is missing; add it",
            ])
    }

    @Test(arguments: [
        ("kind: file", "6:11: `kind`: unknown kind `file`; did you mean `files`"),
        ("kind: hive", "6:11: `kind`: unknown kind `hive`; known are `files`, `table`"),
        ("credential: {keytab: /k}", "6:17: `credential`: the field `principal` is missing; add it"),
        ("credential: {principal: p, keytab: k}", "6:40: `credential.keytab`: `k` is relative; begin it with `/`"),
        ("credential: {principle: p}", "6:18: `credential`: unknown field `principle`; did you mean `principal`"),
        ("shares-directories: yes", "6:25: `shares-directories`: expected `true` or `false`, found `yes`"),
        ("contact: \"a\\nb\"", "6:14: `contact`: `a\\nb` has a control character; remove it"),
        ("tags: [pii, pii]", "6:17: `tags`: `pii` is listed twice; keep one"),
        ("subscription: everyone", "6:19: `subscription`: expected `anyone` or a mapping, found `everyone`"),
        ("subscription: {}", Self.noSubscription),
        ("subscription: {users: [], condition: {group: a}}", Self.twoSubscriptions),
        ("subscription: {condition: {all: []}}", Self.emptyCombination),
        ("subscription: {condition: {grop: a}}", Self.unknownCondition),
        ("subscription: {condition: {group: a, not: {group: b}}}", Self.twoConditions),
        ("subscription: {condition: {attribute: {a: b, c: d}}}", Self.twoAttributes),
        ("subscription: {condition: {attribute: {a: [b]}}}", Self.listOfValues),
        ("subscription: {condition: a}", "6:31: `subscription.condition`: expected a condition, found `a`"),
    ])
    func ofADataSourceIsRefused(field: String, complaint: String) {
        let told = complaints(reading: "data-sources:\n  - directories:\n    - /a\n    name: a\n\n    \(field)\n")
        let place = complaint.prefix { $0 != " " }
        let words = complaint.dropFirst(place.count + 1)
        #expect(told.contains("policy.yaml:\(place) data source `a`: \(words)"), "\(told)")
    }

    private static let noSubscription =
        "6:19: `subscription`: expected `anyone`, `users`, `groups`, `condition` or `approval`, found none of them"
    private static let twoSubscriptions =
        "6:19: `subscription`: `condition` excludes `users` and `groups`; write a group as a condition"
    private static let emptyCombination =
        "6:37: `subscription.condition.all`: the list is empty; write at least one condition"
    private static let unknownCondition =
        "6:32: `subscription.condition`: unknown condition `grop`; did you mean `group`"
    private static let twoConditions =
        "6:31: `subscription.condition`: a condition has one word, found 2; join several by `all` or `any`"
    private static let twoAttributes =
        "6:43: `subscription.condition.attribute`: expected one attribute and its value, found 2; "
        + "join several by `all` or `any`"
    private static let listOfValues = "6:47: `subscription.condition.attribute.a`: expected text, found a list"

    @Test func aNameTooLongIsCutShortInTheMessage() {
        let name = String(repeating: "n", count: 257)
        let shown = String(repeating: "n", count: 200) + "…"
        #expect(
            complaints(reading: "groups: [{name: \(name)}]") == [
                "policy.yaml:1:17: group `\(shown)`: `name`: `\(shown)` has 257 bytes and may have 256; shorten it"
            ])
        #expect(complaints(reading: "groups: [{name: \(name.dropLast())}]").isEmpty)
    }

    @Test func aNameInDecomposedUnicodeIsRefused() {
        #expect(
            complaints(reading: "users: [{name: \"jose\\u0301\"}]") == [
                "policy.yaml:1:16: user `jose\u{301}`: `name`: `jose\u{301}` is not in Unicode's composed form (NFC); "
                    + "type it anew"
            ])
    }

    @Test func aMessageCannotDisturbTheTerminal() {
        #expect(
            complaints(reading: "groups: [{name: \"a\\e[31m\\u202Eb\"}]") == [
                "policy.yaml:1:17: group `a\\u{1B}[31m\\u{202E}b`: `name`: `a\\u{1B}[31m\\u{202E}b` "
                    + "has a control character; remove it"
            ])
    }
}
