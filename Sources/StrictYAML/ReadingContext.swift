import Wording
import Yams

/// Where in which file the reader is, and where it reports what it does not like.
///
/// Every function that reads a value returns `nil` after having reported why, so that reading goes on.
package struct ReadingContext {
    package let file: String
    package let problems: ProblemCollector
    /// The object being read, in words.
    package var object: String?
    /// The path of the field being read, within the object.
    package var field: String?

    package init(file: String, problems: ProblemCollector) {
        self.file = file
        self.problems = problems
    }

    /// The same place, one field deeper.
    package func inside(_ name: String) -> ReadingContext {
        var context = self
        context.field = field.map { "\($0).\(name)" } ?? name
        return context
    }

    package func location(of node: Node) -> SourceLocation {
        // Yams marks every node that it composes.
        SourceLocation(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    package func report(_ node: Node, _ message: @autoclosure () -> String) {
        problems.report(at: .place(location(of: node)), object: object, field: field, message())
    }
}

extension ReadingContext {
    /// The text of a scalar as it is written: `no`, `1.0` and `2024-01-01` are words.
    package func text(_ node: Node) -> String? {
        guard let scalar = plainlyTagged(node)?.scalar, !node.isNothing else {
            report(node, expected("text", node))
            return nil
        }
        return scalar.string
    }

    package func text(_ node: Node, unless fault: (String) -> String?) -> String? {
        guard let text = text(node) else { return nil }
        guard let fault = fault(text) else { return text }
        report(node, fault)
        return nil
    }

    package func name(_ node: Node) -> String? {
        text(node, unless: Names.fault(inName:))
    }

    package func line(_ node: Node) -> String? {
        text(node) { Names.fault(inLine: $0) }
    }

    /// Whom to ask: a line that is no longer than a name, because every denial repeats it.
    package func contact(_ node: Node) -> String? {
        text(node) { Names.fault(inLine: $0, maximumBytes: Names.maximumBytes) }
    }

    package func prose(_ node: Node) -> String? {
        text(node, unless: Names.fault(inProse:))
    }

    package func flag(_ node: Node) -> Bool? {
        guard let scalar = plainlyTagged(node)?.scalar, let flag = Bool(scalar.string) else {
            report(node, expected("`true` or `false`", node))
            return nil
        }
        guard scalar.style == .plain else {
            report(node, "\(quoted(scalar.string)) is in quotes; write it without")
            return nil
        }
        return flag
    }

    /// The items that can be read of a list, each with its place. An item may be in it once.
    package func list<Item: Hashable>(
        _ node: Node, of item: (ReadingContext, Node) -> Item?
    ) -> [(value: Item, location: SourceLocation)]? {
        guard let items = sequence(node) else { return nil }
        var seen: Set<Item> = []
        var read: [(value: Item, location: SourceLocation)] = []
        for node in items {
            guard let value = item(self, node) else { continue }
            guard seen.insert(value).inserted else {
                report(node, "\(quoted("\(value)")) is listed twice; keep one")
                continue
            }
            read.append((value, location(of: node)))
        }
        return read
    }

    package func sequence(_ node: Node) -> Node.Sequence? {
        guard let items = plainlyTagged(node)?.sequence else {
            report(node, expected("a list", node))
            return nil
        }
        return items
    }

    package func mapping(_ node: Node, expecting what: String = "a mapping") -> Node.Mapping? {
        guard let pairs = plainlyTagged(node)?.mapping else {
            report(node, expected(what, node))
            return nil
        }
        return pairs
    }

    /// A mapping of known fields.
    package func fields(of node: Node, known: [String]) -> Fields? {
        guard let pairs = mapping(node) else { return nil }
        var nodes: [String: Node] = [:]
        for (key, value) in pairs {
            guard let field = text(key) else { continue }
            guard known.contains(field) else {
                report(key, unknown("field", field, among: known))
                continue
            }
            nodes[field] = value
        }
        return Fields(context: self, node: node, nodes: nodes)
    }

    package func expected(_ what: String, _ node: Node) -> String {
        let found = node.isNothing ? "nothing; write a value or remove the field" : node.inWords
        return "expected \(what), found \(found)"
    }

    /// The node unless it carries a tag that would give it another meaning.
    private func plainlyTagged(_ node: Node) -> Node? {
        node.isPlainlyTagged ? node : nil
    }
}

/// The fields of one mapping.
package struct Fields {
    package let context: ReadingContext
    package let node: Node
    package let nodes: [String: Node]

    package func optional<Value>(_ field: String, _ read: (ReadingContext, Node) -> Value?) -> Value? {
        nodes[field].flatMap { read(context.inside(field), $0) }
    }

    package func required<Value>(_ field: String, _ read: (ReadingContext, Node) -> Value?) -> Value? {
        guard nodes[field] != nil else {
            context.report(node, "the field \(quoted(field)) is missing; add it")
            return nil
        }
        return optional(field, read)
    }
}

package func unknown(_ kind: String, _ word: String, among known: [String]) -> String {
    guard let near = Spelling.nearest(to: word, among: known) else {
        return "unknown \(kind) \(quoted(word)); known are \(known.map(quoted).joined(separator: ", "))"
    }
    return "unknown \(kind) \(quoted(word)); did you mean \(quoted(near))"
}

extension Node {
    private static let plainTags = Set(
        [Tag.Name.implicit, .nonSpecific, .str, .seq, .map].map(\.rawValue))
    private static let nulls: Set<String> = ["", "~", "null", "Null", "NULL"]

    /// Whether this is YAML's null, written or left out.
    package var isNothing: Bool {
        guard let scalar, scalar.style == .plain, scalar.tag.rawValue != Tag.Name.str.rawValue else { return false }
        return Self.nulls.contains(scalar.string)
    }

    /// Whether the node has no tag, or one that says what the node is anyway.
    package var isPlainlyTagged: Bool {
        switch self {
        case .scalar(let scalar): Self.plainTags.contains(scalar.tag.rawValue)
        case .sequence(let sequence): Self.plainTags.contains(sequence.tag.rawValue)
        case .mapping(let mapping): Self.plainTags.contains(mapping.tag.rawValue)
        case .alias: false
        }
    }

    /// What messages say was found.
    package var inWords: String {
        guard isPlainlyTagged else { return "the tag \(quoted(tag.description)); remove it" }
        return switch self {
        case .scalar(let scalar): quoted(scalar.string)
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .alias: "an alias"
        }
    }
}
