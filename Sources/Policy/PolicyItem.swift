/// An object of any kind.
package enum PolicyItem: Sendable, Equatable, Codable {
    case group(Group)
    case attribute(AttributeDefinition)
    case purpose(Purpose)
    case tag(TagDefinition)
    case user(User)
    case ignoredUser(String)
    case dataSource(DataSource)
    case project(Project)
    case globalPolicy(GlobalPolicy)

    var object: any PolicyObject {
        switch self {
        case .group(let object): object
        case .attribute(let object): object
        case .purpose(let object): object
        case .tag(let object): object
        case .user(let object): object
        case .ignoredUser(let name): IgnoredUser(name: name)
        case .dataSource(let object): object
        case .project(let object): object
        case .globalPolicy(let object): object
        }
    }

    package var kind: ObjectKind { type(of: object).kind }
    package var name: String { object.name }

    /// Every other object that this one names, once.
    package var mentions: Set<PolicyName> {
        Set(object.references.map { PolicyName(kind: $0.kind, name: $0.name) })
    }

    /// Whether nothing is said differently: texts differ when their bytes do, the order of lists has no meaning.
    func says(theSameAs other: PolicyItem) -> Bool {
        PolicyChange([PolicyEdit(kind: kind, name: name, before: self, after: other)]).isEmpty
    }
}

/// What an object is called among all objects. Names are compared by their bytes.
package struct PolicyName: Sendable, Hashable {
    package var kind: ObjectKind
    package var name: String

    package init(kind: ObjectKind, name: String) {
        self.kind = kind
        self.name = name
    }

    package static func == (one: Self, other: Self) -> Bool {
        one.kind == other.kind && ExactText(one.name) == ExactText(other.name)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        ExactText(name).hash(into: &hasher)
    }
}

/// One object as it is and as it shall be.
package struct PolicyEdit: Sendable, Equatable {
    package var kind: ObjectKind
    package var name: String
    /// `nil` for an object that is created.
    package var before: PolicyItem?
    /// `nil` for an object that is deleted.
    package var after: PolicyItem?

    package init(kind: ObjectKind, name: String, before: PolicyItem?, after: PolicyItem?) {
        self.kind = kind
        self.name = name
        self.before = before
        self.after = after
    }

    package var key: PolicyName { PolicyName(kind: kind, name: name) }
}
