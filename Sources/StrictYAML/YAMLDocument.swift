import Wording
import Yams

/// The YAML of one file, bounded in every way in which a document can be made to exhaust its reader.
struct YAMLDocument {
    /// Nodes within nodes; conditions may nest about 29 deep.
    static let maximumDepth = 64

    /// The top of the document; `nil` when there is nothing in it.
    let root: Node?

    /// - Throws: the one problem that keeps the file from being read.
    init(_ file: SourceFile) throws(YAMLFault) {
        let text = try Self.text(of: file)
        // An alias makes one node appear in many places. As the key of a mapping it would be hashed at full length
        // while the document is composed, so anchors are looked for where no alias can be.
        if text.utf8.contains(UInt8(ascii: "*")) {
            _ = try Self.compose(text.replacing("*", with: Self.notAnAlias))
        }
        root = try Self.compose(text)
    }

    static let tooDeep = "nested more than \(maximumDepth) deep; make it flatter"

    /// A private-use character, which plain YAML takes as text: it stands for `*` without any meaning.
    private static let notAnAlias = "\u{E000}"

    private static func text(of file: SourceFile) throws(YAMLFault) -> String {
        guard file.bytes.count <= SourceFiles.maximumBytes else {
            throw YAMLFault(message: SourceFiles.tooLarge(bytes: file.bytes.count))
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let bytes = file.bytes.starts(with: mark) ? file.bytes.dropFirst(mark.count) : file.bytes[...]
        guard let text = String(validating: bytes, as: UTF8.self) else { throw invalidUTF8(bytes) }
        return text
    }

    private static func invalidUTF8(_ bytes: ArraySlice<UInt8>) -> YAMLFault {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var (line, column) = (1, 1)
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
        }
        return YAMLFault(line: line, column: column, message: "not valid UTF-8; save the file in UTF-8")
    }

    private static func compose(_ text: String) throws(YAMLFault) -> Node? {
        do {
            // The basic resolver takes every scalar as it is written: `no` is a word, not a truth value.
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            guard let root = try parser.nextRoot() else { return nil }
            // A node knows its anchor only as long as its parser lives.
            try withExtendedLifetime(parser) { try check(root, depth: 1) }
            if let second = try parser.nextRoot() {
                let message = "a second document in one file; put it in a file of its own"
                throw YAMLFault(second.mark, message)
            }
            return root.isNothing ? nil : root
        } catch let fault as YAMLFault {
            throw fault
        } catch {
            throw YAMLFault(error, in: text)
        }
    }

    private static func check(_ node: Node, depth: Int) throws(YAMLFault) {
        guard node.anchor == nil else {
            throw YAMLFault(node.mark, "anchors and aliases are not accepted; write the value out at each place")
        }
        guard depth <= maximumDepth else {
            throw YAMLFault(node.mark, tooDeep)
        }
        switch node {
        case .scalar, .alias: return
        case .sequence(let items):
            for item in items { try check(item, depth: depth + 1) }
        case .mapping(let pairs):
            for (key, value) in pairs {
                try check(key, depth: depth + 1)
                try check(value, depth: depth + 1)
            }
        }
    }
}

extension SourceFile {
    /// The top of the file's YAML and where to report what is wrong in it.
    ///
    /// - Returns: `nil` when there is nothing in it, or when it cannot be read, which is reported.
    package func root(reportingTo problems: ProblemCollector) -> (node: Node, context: ReadingContext)? {
        do throws(YAMLFault) {
            guard let node = try YAMLDocument(self).root else { return nil }
            return (node, ReadingContext(file: name, problems: problems))
        } catch {
            problems.report(at: error.origin(in: name), error.message)
            return nil
        }
    }
}

/// Why a file could not be read as YAML at all.
struct YAMLFault: Error {
    /// `nil` when it is the file as a whole.
    var line: Int?
    var column: Int?
    var message: String

    func origin(in file: String) -> Origin {
        guard let line, let column else { return .file(file) }
        return .place(SourceLocation(file: file, line: line, column: column))
    }
}

extension YAMLFault {
    init(_ mark: Mark?, _ message: String) {
        self.init(line: mark?.line, column: mark?.column, message: message)
    }

    init(_ error: any Error, in text: String) {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            // The parser's own bound keeps its stack; it lies far above this reader's.
            guard !problem.hasPrefix("Maximum nesting level") else {
                self.init(mark, YAMLDocument.tooDeep)
                return
            }
            let words = [context?.text, problem].compactMap(\.self).joined(separator: ": ")
            self.init(mark, "not valid YAML: \(words)")
        case YamlError.reader(let problem, let offset, _, _):
            let (line, column) = Self.place(offset: offset ?? 0, in: text)
            self.init(line: line, column: column, message: "not valid YAML: \(problem)")
        case YamlError.duplicatedKeysInMapping(let keys, let context):
            let key = keys.first ?? ""
            self.init(context.mark, "the key \(quoted(key)) is written more than once in one mapping; keep one")
        default:
            self.init(message: "not valid YAML: \(error)")
        }
    }

    /// - Parameter offset: Characters from the start.
    private static func place(offset: Int, in text: String) -> (line: Int, column: Int) {
        let lines = text.prefix(offset).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return (lines.count, (lines.last?.unicodeScalars.count ?? 0) + 1)
    }
}
