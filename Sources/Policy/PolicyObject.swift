import StrictYAML
import Wording

/// The kinds of objects that a policy set is made of, in the order in which they are told of.
package enum ObjectKind: String, Sendable, Codable, CaseIterable {
    case group
    case attribute
    case user
    case ignoredUser = "ignored-user"
    case dataSource = "data-source"

    /// The kind in words.
    package var words: String {
        switch self {
        case .group: "group"
        case .attribute: "attribute"
        case .user: "user"
        case .ignoredUser: "ignored user"
        case .dataSource: "data source"
        }
    }

    /// An object of this kind as messages call it: "data source `sales`".
    package func named(_ name: String) -> String {
        "\(words) \(quoted(name))"
    }
}

/// What an object says about one thing: `country` of a user, `directories` of a data source.
struct ObjectField {
    /// The path of the field in policy files, such as `credential.principal`.
    var name: String
    /// One for a field of one value, none for a field that is not set. The order has no meaning.
    var values: [String]
}

/// A named part of a policy set. Names are unique per kind.
protocol PolicyObject {
    static var kind: ObjectKind { get }
    var name: String { get }
    /// All there is to say of the object except its name: two objects of one name are equal when these are.
    var fields: [ObjectField] { get }
    /// The other objects that this one names, and the field that it names each in.
    var references: [ObjectReference] { get }
}

/// One object's naming another.
struct ObjectReference {
    var kind: ObjectKind
    var name: String
    /// The field that the name stands in.
    var field: String
}

extension Group: PolicyObject {
    static let kind = ObjectKind.group
    var fields: [ObjectField] { [ObjectField(name: "about", values: [about].compactMap(\.self))] }
    var references: [ObjectReference] { [] }
}

extension AttributeDefinition: PolicyObject {
    static let kind = ObjectKind.attribute
    var fields: [ObjectField] { [ObjectField(name: "about", values: [about].compactMap(\.self))] }
    var references: [ObjectReference] { [] }
}

extension User: PolicyObject {
    static let kind = ObjectKind.user

    var fields: [ObjectField] {
        let fixed = [
            ObjectField(name: "principal", values: [principal].compactMap(\.self)),
            ObjectField(name: "groups", values: Array(groups)),
            ObjectField(name: "enabled", values: ["\(enabled)"]),
        ]
        return fixed + attributes.map { ObjectField(name: "attributes.\($0)", values: Array($1)) }
    }

    var references: [ObjectReference] {
        groups.map { ObjectReference(kind: .group, name: $0, field: "groups") }
            + attributes.keys.map { ObjectReference(kind: .attribute, name: $0, field: "attributes") }
    }
}

extension DataSource: PolicyObject {
    static let kind = ObjectKind.dataSource

    var fields: [ObjectField] {
        [
            ObjectField(name: "kind", values: [kind.rawValue]),
            ObjectField(name: "directories", values: directories),
            ObjectField(name: "credential.principal", values: [credential?.principal].compactMap(\.self)),
            ObjectField(name: "credential.keytab", values: [credential?.keytab].compactMap(\.self)),
            ObjectField(name: "tags", values: Array(tags)),
            ObjectField(name: "contact", values: [contact].compactMap(\.self)),
            ObjectField(name: "shares-directories", values: ["\(sharesDirectories)"]),
        ] + subscription.fields
    }

    var references: [ObjectReference] { subscription.references }
}

extension Subscription {
    fileprivate var fields: [ObjectField] {
        switch self {
        case .anyone:
            [ObjectField(name: "subscription", values: ["anyone"])]
        case .individuals(let users, let groups):
            [
                ObjectField(name: "subscription", values: ["individuals"]),
                ObjectField(name: "subscription.users", values: Array(users)),
                ObjectField(name: "subscription.groups", values: Array(groups)),
            ]
        case .condition(let condition):
            [
                ObjectField(name: "subscription", values: ["condition"]),
                ObjectField(name: "subscription.condition", values: [condition.json]),
            ]
        }
    }

    fileprivate var references: [ObjectReference] {
        switch self {
        case .anyone:
            []
        case .individuals(let users, let groups):
            users.map { ObjectReference(kind: .user, name: $0, field: "subscription.users") }
                + groups.map { ObjectReference(kind: .group, name: $0, field: "subscription.groups") }
        case .condition(let condition):
            condition.references
        }
    }
}

extension Condition {
    fileprivate var references: [ObjectReference] {
        switch self {
        case .all(let conditions), .any(let conditions): conditions.flatMap(\.references)
        case .not(let condition): condition.references
        case .group(let name): [reference(to: .group, name)]
        case .attribute(let name, _): [reference(to: .attribute, name)]
        }
    }

    private func reference(to kind: ObjectKind, _ name: String) -> ObjectReference {
        ObjectReference(kind: kind, name: name, field: "subscription.condition")
    }
}
