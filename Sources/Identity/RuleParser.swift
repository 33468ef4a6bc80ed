/// Takes a list of rules apart: `RULE:[n:format](match)s/from/to/g/L` and `DEFAULT`, with white space or nothing between
/// two rules.
///
/// As in Hadoop's `KerberosName`, nothing is an escape here: the format ends at the first `]`, the match at the first
/// `)`, `from` and `to` at the first `/`.
struct RuleParser {
    /// A rule that is well formed, its parts not yet looked at.
    struct RuleText {
        enum Form {
            case `default`
            case mapping(Mapping)
        }

        struct Mapping {
            var componentCount: Int
            var format: String
            var match: String?
            var substitution: Substitution?
            var lowercases = false
        }

        struct Substitution {
            var from: String
            var to: String
            var everywhere: Bool
        }

        var form: Form
        var text: String
        var line: Int
        var column: Int

        func fault(_ reason: String) -> RuleFault {
            RuleFault(line: line, column: column, rule: text, reason: reason)
        }
    }

    /// Why the rule at hand is none.
    private struct Malformed: Error {
        let reason: String
    }

    private let scalars: [Unicode.Scalar]
    private var index = 0

    private init(_ text: String) {
        // As `String.trim` has it in Java, at the end of the list only: everything up to the space is white.
        let untrimmed = Array(text.unicodeScalars)
        scalars = Array(untrimmed.prefix((untrimmed.lastIndex { $0 > " " } ?? -1) + 1))
        index = scalars.firstIndex { $0 > " " } ?? scalars.endIndex
    }

    /// The rules of a list, in order. A blank list has none.
    ///
    /// - Throws: ``RuleFault`` for the first text that is no rule.
    static func rules(in text: String) throws(RuleFault) -> [RuleText] {
        var parser = RuleParser(text)
        var rules: [RuleText] = []
        while parser.index < parser.scalars.endIndex {
            rules.append(try parser.takeRule())
            parser.skipWhitespace()
        }
        return rules
    }

    private mutating func takeRule() throws(RuleFault) -> RuleText {
        let start = index
        let (line, column) = place(of: start)
        do throws(Malformed) {
            let form = try takeForm()
            return RuleText(form: form, text: text(start..<index), line: line, column: column)
        } catch {
            let rest = text(start..<scalars.endIndex)
            throw RuleFault(line: line, column: column, rule: rest, reason: error.reason)
        }
    }

    private func place(of index: Int) -> (line: Int, column: Int) {
        let preceding = scalars[..<index]
        let lineStart = preceding.lastIndex(of: "\n").map { $0 + 1 } ?? 0
        return (preceding.count { $0 == "\n" } + 1, index - lineStart + 1)
    }

    private mutating func takeForm() throws(Malformed) -> RuleText.Form {
        if take("DEFAULT") {
            _ = takeLowercase()
            return .default
        }
        guard take("RULE:[") else { throw Malformed(reason: "neither `DEFAULT` nor `RULE:[` stands here") }
        var mapping = RuleText.Mapping(componentCount: try takeComponentCount(), format: try take(upTo: "]"))
        if take("(") {
            mapping.match = try take(upTo: ")")
        }
        if take("s/") {
            let from = try take(upTo: "/")
            let to = try take(upTo: "/")
            mapping.substitution = .init(from: from, to: to, everywhere: take("g"))
        }
        mapping.lowercases = takeLowercase()
        return .mapping(mapping)
    }

    private mutating func takeComponentCount() throws(Malformed) -> Int {
        let start = index
        while index < scalars.endIndex, scalars[index].asciiDigit != nil {
            index += 1
        }
        let digits = text(start..<index)
        guard take(":"), let count = Int32(digits) else {
            throw Malformed(reason: "`RULE:[` is not followed by a number of components and `:`")
        }
        return Int(count)
    }

    /// `/L`, `L` alone, or a `/` that means nothing: Hadoop takes them all.
    private mutating func takeLowercase() -> Bool {
        _ = take("/")
        return take("L")
    }

    private mutating func take(_ expected: String) -> Bool {
        guard scalars[index...].starts(with: expected.unicodeScalars) else { return false }
        index += expected.unicodeScalars.count
        return true
    }

    private mutating func take(upTo terminator: Unicode.Scalar) throws(Malformed) -> String {
        guard let end = scalars[index...].firstIndex(of: terminator) else {
            throw Malformed(reason: "`\(terminator)` is missing")
        }
        defer { index = end + 1 }
        return text(index..<end)
    }

    private mutating func skipWhitespace() {
        // What `\s` is to Java.
        let whitespace: Set<Unicode.Scalar> = [" ", "\t", "\n", "\u{0B}", "\u{0C}", "\r"]
        while index < scalars.endIndex, whitespace.contains(scalars[index]) {
            index += 1
        }
    }

    private func text(_ range: Range<Int>) -> String {
        String(String.UnicodeScalarView(scalars[range]))
    }
}
