import StrictYAML

/// A value that policy files describe, and where in them.
struct Located<Value: Sendable>: Sendable {
    var value: Value
    /// Where the object begins.
    var location: SourceLocation
    /// Where the object names other objects, its directories, its principals and its expressions.
    var mentions: [(Mention, SourceLocation)] = []

    /// The place of a mention; of the object when the mention has no place of its own.
    func location(of mention: Mention) -> SourceLocation {
        mentions.first { $0.0 == mention }?.1 ?? location
    }

    func map<Other>(_ transform: (Value) -> Other) -> Located<Other> {
        Located<Other>(value: transform(value), location: location, mentions: mentions)
    }
}

/// Something within an object that a later check may complain of.
enum Mention: Sendable, Hashable {
    case object(ObjectKind, String)
    case directory(String)
    /// The principal of a user or of a data source's credential.
    case principal
    /// A field, by its path.
    case field(String)
}

/// What policy files say: objects, each with its place, before it is known what the store holds.
///
/// Everything that a file alone can tell has been checked: shape, names, paths, and that nothing is said twice.
package struct PolicyDocument: Sendable {
    var items: [Located<PolicyItem>] = []

    /// The document of no files.
    package init() {}

    /// Reads policy files.
    ///
    /// - Parameter files: Each holds one YAML document or nothing.
    /// - Throws: every problem of every file.
    package init(reading files: [SourceFile]) throws(DocumentErrors) {
        let problems = ProblemCollector()
        var reader = DocumentReader(problems: problems)
        for file in files { reader.read(file) }
        try problems.throwIfAny()
        self = reader.document
    }
}
