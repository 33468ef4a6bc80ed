import Wording

/// Why an expression is refused, in words.
package struct ExpressionFault: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A word or sign of an expression.
enum ExpressionToken: Equatable {
    /// A plain word as it is written: a keyword, a column or a function.
    case word(String)
    /// A column in back-quotes.
    case column(String)
    case text(String)
    case number(String)
    /// `@user` and the like, without the sign.
    case value(String)
    case sign(String)

    var shown: String {
        switch self {
        case .word(let text), .number(let text), .sign(let text): quoted(text)
        case .column(let name): quoted("`\(name)`")
        case .text(let text): quoted("'\(text)'")
        case .value(let name): quoted("@\(name)")
        }
    }

    /// Cuts an expression into tokens.
    static func tokens(of text: String) throws(ExpressionFault) -> [ExpressionToken] {
        var lexer = Lexer(rest: text.unicodeScalars[...])
        var tokens: [ExpressionToken] = []
        while let token = try lexer.next() { tokens.append(token) }
        return tokens
    }
}

private struct Lexer {
    private static let signs = ["<>", "!=", "<=", ">=", "||", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ","]

    var rest: Substring.UnicodeScalarView

    mutating func next() throws(ExpressionFault) -> ExpressionToken? {
        while let first = rest.first, " \t\n\r".unicodeScalars.contains(first) { rest.removeFirst() }
        guard let first = rest.first else { return nil }
        // Nothing is cut out of an expression unseen.
        for comment in ["--", "/*"] where starts(with: comment) {
            throw ExpressionFault("\(quoted(comment)) begins a comment; remove it")
        }
        switch first {
        case "'": return .text(try delimited(by: "'"))
        case "`": return .column(try delimited(by: "`"))
        case "@":
            rest.removeFirst()
            return .value(word())
        case "0"..."9": return .number(try number())
        case "a"..."z", "A"..."Z", "_": return .word(word())
        default:
            for sign in Self.signs where starts(with: sign) {
                rest.removeFirst(sign.unicodeScalars.count)
                return .sign(sign)
            }
            throw ExpressionFault("\(quoted(String(first))) has no meaning here; remove it")
        }
    }

    private func starts(with text: String) -> Bool { rest.starts(with: text.unicodeScalars) }

    /// A text whose end is one sign, and in which that sign doubled stands for itself.
    private mutating func delimited(by end: Unicode.Scalar) throws(ExpressionFault) -> String {
        rest.removeFirst()
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            guard scalar == end else {
                guard !isControl(scalar), scalar != "\\" else {
                    throw ExpressionFault("a text must not hold control characters or `\\`; remove them")
                }
                text.append(scalar)
                continue
            }
            guard rest.first == end else { return String(text) }
            text.append(end)
            rest.removeFirst()
        }
        throw ExpressionFault("\(quoted(String(end))) is not closed; add the other one")
    }

    private mutating func word() -> String {
        var text = String.UnicodeScalarView()
        while let scalar = rest.first, Self.isInWord(scalar) {
            text.append(scalar)
            rest.removeFirst()
        }
        return String(text)
    }

    private mutating func number() throws(ExpressionFault) -> String {
        let text = word()
        guard text.unicodeScalars.allSatisfy({ ("0"..."9").contains($0) }), text.count <= 38 else {
            throw ExpressionFault("\(quoted(text)) is no number; write digits, with a point if need be")
        }
        guard rest.first == "." else { return text }
        rest.removeFirst()
        let fraction = word()
        guard !fraction.isEmpty, fraction.unicodeScalars.allSatisfy({ ("0"..."9").contains($0) }),
            text.count + fraction.count <= 38
        else { throw ExpressionFault("\(quoted("\(text).\(fraction)")) is no number; write digits behind the point") }
        return "\(text).\(fraction)"
    }

    private static func isInWord(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "_"
    }
}
