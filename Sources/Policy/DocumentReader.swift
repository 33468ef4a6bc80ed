import StrictYAML
import Yams

/// Reads files into one document.
struct DocumentReader {
    private static let known = [
        "groups", "attributes", "purposes", "tags", "users", "ignored-users", "data-sources", "projects",
        "global-policies",
    ]

    let problems: ProblemCollector
    private(set) var document = PolicyDocument()
    private var places: [PolicyName: SourceLocation] = [:]

    init(problems: ProblemCollector) {
        self.problems = problems
    }

    mutating func read(_ file: SourceFile) {
        guard let root = file.root(reportingTo: problems) else { return }
        read(root.node, root.context)
    }

    private mutating func read(_ root: Node, _ context: ReadingContext) {
        guard let fields = context.fields(of: root, known: Self.known) else { return }
        objects(fields, "groups", .group) { $0.group($1)?.map(PolicyItem.group) }
        objects(fields, "attributes", .attribute) { $0.attributeDefinition($1)?.map(PolicyItem.attribute) }
        objects(fields, "purposes", .purpose) { $0.purpose($1)?.map(PolicyItem.purpose) }
        objects(fields, "tags", .tag) { $0.tagDefinition($1)?.map(PolicyItem.tag) }
        objects(fields, "users", .user) { $0.user($1)?.map(PolicyItem.user) }
        ignoredUsers(fields)
        objects(fields, "data-sources", .dataSource) { $0.dataSource($1)?.map(PolicyItem.dataSource) }
        objects(fields, "projects", .project) { $0.project($1)?.map(PolicyItem.project) }
        objects(fields, "global-policies", .globalPolicy) { $0.globalPolicy($1)?.map(PolicyItem.globalPolicy) }
    }

    private mutating func objects(
        _ fields: Fields, _ field: String, _ kind: ObjectKind,
        _ read: (ReadingContext, Node) -> Located<PolicyItem>?
    ) {
        let nodes = fields.optional(field) { $0.sequence($1) } ?? []
        for node in nodes {
            var context = fields.context
            context.object = kind.words
            if let name = context.peekedName(of: node) {
                context.object = kind.named(name)
                guard isFirst(kind, name, node, context) else { continue }
            }
            if let item = read(context, node) { document.items.append(item) }
        }
    }

    /// Reports the second object of one kind and name, with the place of the first.
    private mutating func isFirst(
        _ kind: ObjectKind, _ name: String, _ node: Node, _ context: ReadingContext
    ) -> Bool {
        let key = PolicyName(kind: kind, name: name)
        if let first = places[key] {
            context.report(node, "already defined at \(first); keep one of the two")
            return false
        }
        places[key] = context.location(of: node)
        return true
    }

    /// Files may repeat each other's ignored users: a list of them says the same however often it is said.
    private mutating func ignoredUsers(_ fields: Fields) {
        let names = fields.optional("ignored-users") { $0.list($1) { $0.line($1) } } ?? []
        for (name, location) in names {
            let key = PolicyName(kind: .ignoredUser, name: name)
            guard places.updateValue(location, forKey: key) == nil else { continue }
            document.items.append(Located(value: .ignoredUser(name), location: location))
        }
    }
}

extension ReadingContext {
    /// The name of the object at a node, for messages; nothing is reported.
    fileprivate func peekedName(of node: Node) -> String? {
        let value = node.mapping?.first { $0.key.scalar?.string == "name" }?.value
        guard let value, !value.isNothing else { return nil }
        return value.scalar?.string
    }
}
