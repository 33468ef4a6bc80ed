import StrictYAML
import Wording

/// The kinds of objects that a policy set is made of, in the order in which they are told of.
package enum ObjectKind: String, Sendable, Codable, CaseIterable {
    case group
    case attribute
    case purpose
    case tag
    case user
    case ignoredUser = "ignored-user"
    case dataSource = "data-source"
    case project
    case globalPolicy = "global-policy"

    /// The kind in words.
    package var words: String {
        switch self {
        case .group: "group"
        case .attribute: "attribute"
        case .purpose: "purpose"
        case .tag: "tag"
        case .user: "user"
        case .ignoredUser: "ignored user"
        case .dataSource: "data source"
        case .project: "project"
        case .globalPolicy: "global policy"
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

    init(_ name: String, _ values: some Sequence<String>) {
        self.name = name
        self.values = Array(values)
    }

    init(_ name: String, _ value: String?) {
        self.init(name, [value].compactMap(\.self))
    }
}

/// A named part of a policy set. Names are unique per kind.
protocol PolicyObject: Sendable, Equatable {
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

    static func each(
        _ kind: ObjectKind, _ names: some Sequence<String>, in field: String
    ) -> [ObjectReference] {
        names.map { ObjectReference(kind: kind, name: $0, field: field) }
    }
}

extension Group: PolicyObject {
    static let kind = ObjectKind.group
    var fields: [ObjectField] { [ObjectField("about", about)] }
    var references: [ObjectReference] { [] }
}

extension AttributeDefinition: PolicyObject {
    static let kind = ObjectKind.attribute
    var fields: [ObjectField] { [ObjectField("about", about)] }
    var references: [ObjectReference] { [] }
}

extension Purpose: PolicyObject {
    static let kind = ObjectKind.purpose
    var fields: [ObjectField] { [ObjectField("about", about)] }
    var references: [ObjectReference] { [] }
}

extension TagDefinition: PolicyObject {
    static let kind = ObjectKind.tag

    var fields: [ObjectField] {
        [ObjectField("about", about), ObjectField("implies", implies), ObjectField("components", components)]
    }

    var references: [ObjectReference] { ObjectReference.each(.tag, implies, in: "implies") }
}

extension User: PolicyObject {
    static let kind = ObjectKind.user

    var fields: [ObjectField] {
        [
            ObjectField("principal", principal), ObjectField("groups", groups), ObjectField("enabled", "\(enabled)"),
            ObjectField("suspended-until", suspendedUntil?.description),
        ] + attributes.map { ObjectField("attributes.\($0)", $1) }
    }

    var references: [ObjectReference] {
        ObjectReference.each(.group, groups, in: "groups")
            + ObjectReference.each(.attribute, attributes.keys, in: "attributes")
    }
}

/// A principal or short name for which HDFS's own permissions decide.
struct IgnoredUser: PolicyObject, Codable {
    static let kind = ObjectKind.ignoredUser
    var name: String
    var fields: [ObjectField] { [] }
    var references: [ObjectReference] { [] }

    static func == (one: Self, other: Self) -> Bool { ExactText(one.name) == ExactText(other.name) }
}

extension DataSource: PolicyObject {
    static let kind = ObjectKind.dataSource

    var fields: [ObjectField] {
        [
            ObjectField("kind", kind.rawValue),
            ObjectField("directories", directories),
            ObjectField("credential.principal", credential?.principal),
            ObjectField("credential.keytab", credential?.keytab),
            ObjectField("tags", tags),
            ObjectField("contact", contact),
            ObjectField("shares-directories", "\(sharesDirectories)"),
            ObjectField("purposes", purposes),
        ] + exceptions.map { ObjectField("exceptions.\($0.policy)", $0.because) } + subscription.fields
            + columns.enumerated().flatMap { $1.fields(at: $0) } + (format?.fields ?? []) + fileRules.flatMap(\.fields)
            + rowFilters.flatMap(\.fields) + masks.flatMap(\.fields)
    }

    var references: [ObjectReference] {
        ObjectReference.each(.tag, tags, in: "tags") + ObjectReference.each(.purpose, purposes, in: "purposes")
            + ObjectReference.each(.globalPolicy, exceptions.map(\.policy), in: "exceptions")
            + subscription.references + columns.flatMap { ObjectReference.each(.tag, $0.tags, in: "columns") }
            + fileRules.flatMap(\.references) + rowFilters.flatMap(\.references) + masks.flatMap(\.references)
    }
}

extension Project: PolicyObject {
    static let kind = ObjectKind.project

    var fields: [ObjectField] {
        [
            ObjectField("about", about), ObjectField("data-sources", dataSources), ObjectField("purposes", purposes),
            ObjectField("joins-on-hash", "\(joinsOnHash)"),
        ] + members.fields("members")
    }

    var references: [ObjectReference] {
        ObjectReference.each(.dataSource, dataSources, in: "data-sources")
            + ObjectReference.each(.purpose, purposes, in: "purposes") + members.references("members")
    }
}

extension GlobalPolicy: PolicyObject {
    static let kind = ObjectKind.globalPolicy

    var fields: [ObjectField] {
        [
            ObjectField("about", about), ObjectField("tags", tags), ObjectField("purposes", purposes),
            ObjectField("allows-exceptions", "\(allowsExceptions)"),
        ] + (subscription?.fields ?? []) + fileRules.flatMap(\.fields) + rowFilters.flatMap(\.fields)
            + masks.flatMap(\.fields)
    }

    var references: [ObjectReference] {
        ObjectReference.each(.tag, tags, in: "tags") + ObjectReference.each(.purpose, purposes, in: "purposes")
            + (subscription?.references ?? []) + fileRules.flatMap(\.references) + rowFilters.flatMap(\.references)
            + masks.flatMap(\.references)
    }
}
