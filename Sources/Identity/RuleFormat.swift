/// The format of a rule: text in which `$0` stands for the realm and `$1`, `$2` for the components of a name.
struct RuleFormat: Sendable {
    /// What is wrong with a format. Hadoop says so when it applies the rule.
    struct Fault: Error {
        let reason: String
    }

    private enum Piece {
        case literal(String)
        case parameter(Int)
    }

    private let pieces: [Piece]

    /// - Parameters:
    ///   - source: The format.
    ///   - componentCount: How many components the names have that the rule is for.
    init(_ source: String, componentCount: Int) throws(Fault) {
        var pieces: [Piece] = []
        var rest = source.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "$" else {
                pieces.append(.literal(String(scalar)))
                continue
            }
            let digits = String(rest.prefix { $0.asciiDigit != nil })
            rest.removeFirst(digits.count)
            guard let number = Int(digits), number <= componentCount else {
                throw Fault(reason: "`$\(digits)` in the format is none of `$0` to `$\(componentCount)`")
            }
            pieces.append(.parameter(number))
        }
        self.pieces = pieces
    }

    /// The format filled in.
    ///
    /// - Parameter parameters: The realm and the components, as many as the format was made for.
    func filled(with parameters: [String]) -> String {
        pieces.map { piece in
            switch piece {
            case .literal(let text): text
            case .parameter(let number): parameters[number]
            }
        }.joined()
    }
}
