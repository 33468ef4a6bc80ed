import StrictYAML
import Wording

extension PolicyExpression {
    /// The longest expression, in bytes.
    package static let maximumBytes = 4_096
    /// How deep operations may be nested.
    package static let maximumDepth = 64

    /// Reads one expression, down to its last token, and checks its types.
    ///
    /// - Parameters:
    ///   - columns: of the table. `nil` takes any column for one of any type: nothing is known of the table.
    ///   - sort: what the expression has to give; `nil` for anything.
    /// - Throws: what is wrong, and what to do about it.
    package init(
        reading text: String, columns: [TableColumn]?, giving sort: ColumnType.Sort?
    ) throws(ExpressionFault) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw ExpressionFault("the expression has \(text.utf8.count) bytes and may have \(Self.maximumBytes)")
        }
        var parser = Parser(tokens: try ExpressionToken.tokens(of: text)[...], columns: columns)
        let (expression, type) = try parser.expression()
        if let token = parser.tokens.first {
            throw ExpressionFault("\(token.shown) stands behind the end of the expression; write one expression")
        }
        if let sort { try Parser.check(type, is: sort, "the expression") }
        self = expression
    }
}

/// Recursive descent, one function for each level of binding.
private struct Parser {
    typealias Typed = (expression: PolicyExpression, sort: ColumnType.Sort?)

    private static let keywords: Set<String> = [
        "AND", "OR", "NOT", "IN", "IS", "NULL", "LIKE", "BETWEEN", "CASE", "WHEN", "THEN", "ELSE", "END", "TRUE",
        "FALSE", "SELECT", "FROM", "WHERE", "EXISTS", "CAST", "AS", "UNION", "RLIKE", "DISTINCT", "OVER", "INTERVAL",
    ]

    var tokens: ArraySlice<ExpressionToken>
    let columns: [TableColumn]?
    private var depth = 0

    init(tokens: ArraySlice<ExpressionToken>, columns: [TableColumn]?) {
        self.tokens = tokens
        self.columns = columns
    }

    // MARK: Tokens

    private mutating func take(_ sign: String) -> Bool {
        guard tokens.first == .sign(sign) else { return false }
        tokens.removeFirst()
        return true
    }

    private mutating func take(keyword: String) -> Bool {
        guard case .word(let word) = tokens.first, word.uppercased() == keyword else { return false }
        tokens.removeFirst()
        return true
    }

    private mutating func expect(_ sign: String) throws(ExpressionFault) {
        guard take(sign) else { throw expected(quoted(sign)) }
    }

    private mutating func expect(keyword: String) throws(ExpressionFault) {
        guard take(keyword: keyword) else { throw expected(quoted(keyword)) }
    }

    private func expected(_ what: String) -> ExpressionFault {
        ExpressionFault("expected \(what), found \(tokens.first?.shown ?? "the end")")
    }

    /// - Parameter sort: `nil` for null and for columns of unknown type, which fit everywhere.
    static func check(
        _ sort: ColumnType.Sort?, is wanted: ColumnType.Sort, _ what: String
    ) throws(ExpressionFault) {
        guard let sort, sort != wanted else { return }
        throw ExpressionFault("\(what) is \(sort.words) and must be \(wanted.words)")
    }

    private static func common(
        _ one: ColumnType.Sort?, _ other: ColumnType.Sort?, _ what: String
    ) throws(ExpressionFault) -> ColumnType.Sort? {
        guard let one, let other, one != other else { return one ?? other }
        throw ExpressionFault("\(what) are \(one.words) and \(other.words); both must be of one sort")
    }

    // MARK: Levels of binding

    mutating func expression() throws(ExpressionFault) -> Typed {
        depth += 1
        defer { depth -= 1 }
        guard depth <= PolicyExpression.maximumDepth else {
            throw ExpressionFault("operations are nested deeper than \(PolicyExpression.maximumDepth)")
        }
        return try junction("OR") { parser throws(ExpressionFault) in
            try parser.junction("AND") { parser throws(ExpressionFault) in try parser.negation() }
        }
    }

    private mutating func junction(
        _ word: String, _ part: (inout Parser) throws(ExpressionFault) -> Typed
    ) throws(ExpressionFault) -> Typed {
        var left = try part(&self)
        while take(keyword: word) {
            let right = try part(&self)
            for side in [left, right] { try Self.check(side.sort, is: .boolean, "a side of `\(word)`") }
            left = (.infix(word, left.expression, right.expression), .boolean)
        }
        return left
    }

    private mutating func negation() throws(ExpressionFault) -> Typed {
        guard take(keyword: "NOT") else { return try predicate() }
        depth += 1
        defer { depth -= 1 }
        guard depth <= PolicyExpression.maximumDepth else { throw ExpressionFault("too many `NOT` in a row") }
        let part = try negation()
        try Self.check(part.sort, is: .boolean, "what `NOT` denies")
        return (.prefix("NOT", part.expression), .boolean)
    }

    private mutating func predicate() throws(ExpressionFault) -> Typed {
        let left = try sum()
        for sign in ["=", "<>", "!=", "<=", ">=", "<", ">"] where take(sign) {
            let right = try sum()
            _ = try Self.common(left.sort, right.sort, "the sides of \(quoted(sign))")
            return (.infix(sign == "!=" ? "<>" : sign, left.expression, right.expression), .boolean)
        }
        if take(keyword: "IS") {
            let negated = take(keyword: "NOT")
            try expect(keyword: "NULL")
            return (.isNull(left.expression, negated: negated), .boolean)
        }
        let negated = take(keyword: "NOT")
        if take(keyword: "IN") { return try membership(of: left, negated) }
        if take(keyword: "BETWEEN") {
            let low = try sum()
            try expect(keyword: "AND")
            let high = try sum()
            for bound in [low, high] { _ = try Self.common(left.sort, bound.sort, "a value and its bound") }
            return (.between(left.expression, low.expression, high.expression, negated: negated), .boolean)
        }
        if take(keyword: "LIKE") {
            try Self.check(left.sort, is: .text, "what `LIKE` looks at")
            guard case .text(let pattern) = tokens.first else { throw expected("a pattern in quotes") }
            tokens.removeFirst()
            return (.like(left.expression, pattern: pattern, negated: negated), .boolean)
        }
        guard !negated else { throw expected("`IN`, `BETWEEN` or `LIKE`") }
        return left
    }

    private mutating func membership(of left: Typed, _ negated: Bool) throws(ExpressionFault) -> Typed {
        if case .value(let name) = tokens.first {
            tokens.removeFirst()
            try Self.check(left.sort, is: .text, "what `IN @\(name)` looks for")
            return (.isInSet(left.expression, try valueSet(name), negated: negated), .boolean)
        }
        try expect("(")
        var list: [PolicyExpression] = []
        repeat {
            let item = try sum()
            _ = try Self.common(left.sort, item.sort, "a value and an item of its list")
            list.append(item.expression)
        } while take(",")
        try expect(")")
        return (.isIn(left.expression, list, negated: negated), .boolean)
    }

    private mutating func valueSet(_ name: String) throws(ExpressionFault) -> PolicyExpression.ValueSet {
        switch name {
        case "groups": return .groups
        case "purposes": return .purposes
        case "attribute":
            try expect("(")
            guard case .text(let attribute) = tokens.first else { throw expected("an attribute's name in quotes") }
            tokens.removeFirst()
            try expect(")")
            return .attribute(attribute)
        default:
            throw ExpressionFault(
                "\(quoted("@\(name)")) is no set; known are `@groups`, `@purposes` and `@attribute('NAME')`")
        }
    }

    private mutating func sum() throws(ExpressionFault) -> Typed {
        var left = try product()
        while true {
            guard let sign = ["+", "-", "||"].first(where: { tokens.first == .sign($0) }) else { return left }
            tokens.removeFirst()
            left = try operation(sign, left, try product(), on: sign == "||" ? .text : .number)
        }
    }

    private mutating func product() throws(ExpressionFault) -> Typed {
        var left = try factor()
        while true {
            guard let sign = ["*", "/", "%"].first(where: { tokens.first == .sign($0) }) else { return left }
            tokens.removeFirst()
            left = try operation(sign, left, try factor(), on: .number)
        }
    }

    private func operation(
        _ sign: String, _ left: Typed, _ right: Typed, on sort: ColumnType.Sort
    ) throws(ExpressionFault) -> Typed {
        for side in [left, right] { try Self.check(side.sort, is: sort, "a side of \(quoted(sign))") }
        return (.infix(sign, left.expression, right.expression), sort)
    }

    private mutating func factor() throws(ExpressionFault) -> Typed {
        guard let token = tokens.first else { throw expected("a value") }
        switch token {
        case .text(let text):
            tokens.removeFirst()
            return (.literal("'\(text.replacing("'", with: "''"))'"), .text)
        case .number(let number):
            tokens.removeFirst()
            return (.literal(number), .number)
        case .column(let name):
            tokens.removeFirst()
            return try column(name)
        case .value(let name):
            tokens.removeFirst()
            guard name == "user" else {
                throw ExpressionFault("\(quoted("@\(name)")) is a set or unknown; sets stand after `IN`")
            }
            return (.user, .text)
        case .sign("("):
            tokens.removeFirst()
            let inner = try expression()
            try expect(")")
            return inner
        case .sign("-"):
            tokens.removeFirst()
            depth += 1
            defer { depth -= 1 }
            guard depth <= PolicyExpression.maximumDepth else { throw ExpressionFault("too many `-` in a row") }
            let part = try factor()
            try Self.check(part.sort, is: .number, "what `-` negates")
            return (.prefix("-", part.expression), .number)
        case .sign: throw expected("a value")
        case .word(let word):
            tokens.removeFirst()
            return try factor(word)
        }
    }

    private mutating func factor(_ word: String) throws(ExpressionFault) -> Typed {
        switch (word.uppercased(), tokens.first) {
        case ("TRUE", _), ("FALSE", _): return (.literal(word.uppercased()), .boolean)
        case ("NULL", _): return (.literal("NULL"), nil)
        case ("CASE", _): return try choice()
        case ("DATE", .text(let text)):
            tokens.removeFirst()
            guard Instant("\(text)T00:00:00Z") != nil || Self.isEarlyDay(text) else {
                throw ExpressionFault("\(quoted(text)) is no date; write it as `2026-11-21`")
            }
            return (.literal("DATE '\(text)'"), .date)
        case ("TIMESTAMP", .text(let text)):
            tokens.removeFirst()
            guard Instant("\(text.replacing(" ", with: "T"))Z") != nil, text.contains(" ") else {
                throw ExpressionFault("\(quoted(text)) is no timestamp; write it as `2026-11-21 08:30:00`")
            }
            return (.literal("TIMESTAMP '\(text)'"), .timestamp)
        case (_, .sign("(")): return try call(word)
        case (let keyword, _) where Self.keywords.contains(keyword):
            throw ExpressionFault("\(quoted(word)) has no place here; see the expressions in docs/policy.md")
        default: return try column(word)
        }
    }

    private static func isEarlyDay(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2], let year = Int(parts[0]),
            let month = Int(parts[1]), let day = Int(parts[2])
        else { return false }
        return CivilDay.number(year: year, month: month, day: day) != nil
    }

    private func column(_ name: String) throws(ExpressionFault) -> Typed {
        guard let columns else { return (.column(name), nil) }
        // Spark takes no notice of upper and lower case in the names of columns.
        guard let column = columns.first(where: { $0.name.lowercased() == name.lowercased() }) else {
            let near = Spelling.nearest(to: name, among: columns.map(\.name))
            let advice = near.map { "did you mean \(quoted($0))" } ?? "known are those under `columns`"
            throw ExpressionFault("there is no column \(quoted(name)); \(advice)")
        }
        return (.column(column.name), column.type.sort)
    }

    private mutating func choice() throws(ExpressionFault) -> Typed {
        var branches: [(when: PolicyExpression, then: PolicyExpression)] = []
        var sort: ColumnType.Sort?
        while take(keyword: "WHEN") {
            let condition = try expression()
            try Self.check(condition.sort, is: .boolean, "what `WHEN` asks")
            try expect(keyword: "THEN")
            let value = try expression()
            sort = try Self.common(sort, value.sort, "the values of `CASE`")
            branches.append((condition.expression, value.expression))
        }
        guard !branches.isEmpty else { throw expected("`WHEN`") }
        var otherwise: PolicyExpression?
        if take(keyword: "ELSE") {
            let value = try expression()
            sort = try Self.common(sort, value.sort, "the values of `CASE`")
            otherwise = value.expression
        }
        try expect(keyword: "END")
        return (.choice(branches, otherwise: otherwise), sort)
    }

    // MARK: Functions

    private mutating func call(_ word: String) throws(ExpressionFault) -> Typed {
        let name = word.lowercased()
        guard let function = ExpressionFunction.known[name] else {
            throw ExpressionFault(unknown("function", name, among: ExpressionFunction.known.keys.sorted()))
        }
        try expect("(")
        var parts: [Typed] = []
        repeat { parts.append(try expression()) } while take(",")
        try expect(")")
        guard function.counts.contains(parts.count) else {
            throw ExpressionFault("\(quoted(name)) takes \(function.words), found \(parts.count)")
        }
        var sort: ColumnType.Sort?
        for (index, part) in parts.enumerated() {
            switch function.arguments {
            case .each(let sorts): try Self.check(part.sort, is: sorts[index], "an argument of \(quoted(name))")
            case .texts: try Self.check(part.sort, is: .text, "an argument of \(quoted(name))")
            case .day:
                guard part.sort != .timestamp else { continue }
                try Self.check(part.sort, is: .date, "the argument of \(quoted(name))")
            case .same: sort = try Self.common(sort, part.sort, "the arguments of \(quoted(name))")
            }
        }
        return (.call(name, parts.map(\.expression)), function.result ?? sort)
    }
}

/// A function that expressions may call.
private struct ExpressionFunction {
    enum Arguments {
        case each([ColumnType.Sort])
        case texts
        /// A date or a timestamp.
        case day
        /// Of any one sort, which is that of the result.
        case same
    }

    var arguments: Arguments
    var counts: ClosedRange<Int>
    var result: ColumnType.Sort?

    var words: String {
        counts.count == 1 ? "\(counts.lowerBound) argument(s)" : "at least \(counts.lowerBound) argument(s)"
    }

    private init(_ arguments: Arguments, _ counts: ClosedRange<Int>, _ result: ColumnType.Sort?) {
        self.arguments = arguments
        self.counts = counts
        self.result = result
    }

    static let known: [String: ExpressionFunction] = [
        "lower": .init(.texts, 1...1, .text), "upper": .init(.texts, 1...1, .text),
        "trim": .init(.texts, 1...1, .text), "length": .init(.texts, 1...1, .number),
        "substring": .init(.each([.text, .number, .number]), 3...3, .text), "concat": .init(.texts, 1...64, .text),
        "coalesce": .init(.same, 1...64, nil), "abs": .init(.each([.number]), 1...1, .number),
        "floor": .init(.each([.number]), 1...1, .number), "ceil": .init(.each([.number]), 1...1, .number),
        "year": .init(.day, 1...1, .number), "month": .init(.day, 1...1, .number), "day": .init(.day, 1...1, .number),
    ]
}

extension ColumnType.Sort {
    fileprivate var words: String {
        switch self {
        case .boolean: "a boolean"
        case .number: "a number"
        case .text: "a text"
        case .date: "a date"
        case .timestamp: "a timestamp"
        }
    }
}
