import StrictYAML
import Yams

/// Reads files into one document.
struct DocumentReader {
    private static let known = ["groups", "attributes", "users", "ignored-users", "data-sources"]

    private struct ObjectKey: Hashable {
        var kind: ObjectKind
        var name: String
    }

    let problems: ProblemCollector
    private(set) var document = PolicyDocument()
    private var places: [ObjectKey: SourceLocation] = [:]

    init(problems: ProblemCollector) {
        self.problems = problems
    }

    mutating func read(_ file: SourceFile) {
        guard let root = file.root(reportingTo: problems) else { return }
        read(root.node, root.context)
    }

    private mutating func read(_ root: Node, _ context: ReadingContext) {
        guard let fields = context.fields(of: root, known: Self.known) else { return }
        document.groups += objects(fields, "groups") { $0.group($1) }
        document.attributes += objects(fields, "attributes") { $0.attributeDefinition($1) }
        document.users += objects(fields, "users") { $0.user($1) }
        document.ignoredUsers += ignoredUsers(fields)
        document.dataSources += objects(fields, "data-sources") { $0.dataSource($1) }
    }

    private mutating func objects<Object: PolicyObject>(
        _ fields: Fields, _ field: String, _ read: (ReadingContext, Node) -> Located<Object>?
    ) -> [Located<Object>] {
        let nodes = fields.optional(field) { $0.sequence($1) } ?? []
        return nodes.compactMap { node in
            var context = fields.context
            context.object = Object.kind.words
            guard let name = context.peekedName(of: node) else { return read(context, node) }
            context.object = Object.kind.named(name)
            guard isFirst(Object.kind, name, node, context) else { return nil }
            return read(context, node)
        }
    }

    /// Reports the second object of one kind and name, with the place of the first.
    private mutating func isFirst(
        _ kind: ObjectKind, _ name: String, _ node: Node, _ context: ReadingContext
    ) -> Bool {
        let key = ObjectKey(kind: kind, name: name)
        if let first = places[key] {
            context.report(node, "already defined at \(first); keep one of the two")
            return false
        }
        places[key] = context.location(of: node)
        return true
    }

    /// Files may repeat each other's ignored users: a list of them says the same however often it is said.
    private mutating func ignoredUsers(_ fields: Fields) -> [Located<String>] {
        let names = fields.optional("ignored-users") { $0.list($1) { $0.line($1) } } ?? []
        return names.compactMap { name, location in
            guard places.updateValue(location, forKey: ObjectKey(kind: .ignoredUser, name: name)) == nil else {
                return nil
            }
            return Located(value: name, location: location)
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
