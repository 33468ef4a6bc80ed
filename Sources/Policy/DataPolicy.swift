/// A column of a table.
package struct TableColumn: Sendable, Hashable, Codable {
    package var name: String
    package var type: ColumnType
    package var tags: Set<String>

    package init(name: String, type: ColumnType, tags: Set<String> = []) {
        self.name = name
        self.type = type
        self.tags = tags
    }
}

/// Which rows of a table are seen: those for which an expression is true.
package struct RowFilter: Sendable, Hashable, Codable {
    package var name: String
    /// A boolean expression.
    package var condition: String
    package var except: Exemption?

    package init(name: String, condition: String, except: Exemption? = nil) {
        self.name = name
        self.condition = condition
        self.except = except
    }
}

/// What is shown in the place of the values of some columns.
package struct Mask: Sendable, Hashable, Codable {
    package var name: String
    package var columns: Set<String>
    /// Every column that has one of these tags.
    package var tagged: Set<String>
    package var method: MaskMethod
    /// A boolean expression: the mask is used in rows for which it is not false.
    package var condition: String?
    package var except: Exemption?

    package init(
        name: String, columns: Set<String> = [], tagged: Set<String> = [], method: MaskMethod,
        condition: String? = nil, except: Exemption? = nil
    ) {
        self.name = name
        self.columns = columns
        self.tagged = tagged
        self.method = method
        self.condition = condition
        self.except = except
    }
}

/// What becomes of a value.
package enum MaskMethod: Sendable, Hashable, Codable {
    case null
    case constant(String)
    case hash
    /// To a multiple of a number, as it was written.
    case roundNumber(String)
    case roundDate(DateUnit)
    case regex(pattern: String, replacement: String)
    case expression(String)

    package enum DateUnit: String, Sendable, Hashable, Codable, CaseIterable {
        case year, month, week, day, hour, minute
    }

    /// The less, the stricter: of several masks on one column, the strictest is used.
    package var rank: Int {
        switch self {
        case .null: 0
        case .constant: 1
        case .hash: 2
        case .roundNumber, .roundDate: 3
        case .regex: 4
        case .expression: 5
        }
    }
}

/// The type of a column, by Spark's names.
package enum ColumnType: Sendable, Hashable {
    case boolean, tinyint, smallint, int, bigint, float, double, string, date, timestamp
    case decimal(precision: Int, scale: Int)

    /// Types that can be compared with one another.
    package enum Sort: String, Sendable {
        case boolean, number, text, date, timestamp
    }

    package var sort: Sort {
        switch self {
        case .boolean: .boolean
        case .tinyint, .smallint, .int, .bigint, .float, .double, .decimal: .number
        case .string: .text
        case .date: .date
        case .timestamp: .timestamp
        }
    }

    private static let plain: [(String, ColumnType)] = [
        ("boolean", .boolean), ("tinyint", .tinyint), ("smallint", .smallint), ("int", .int), ("bigint", .bigint),
        ("float", .float), ("double", .double), ("string", .string), ("date", .date), ("timestamp", .timestamp),
    ]

    package static var words: [String] { plain.map(\.0) + ["decimal(10,2)"] }
}

extension ColumnType: Codable, CustomStringConvertible {
    /// - Returns: `nil` for a text that is no type.
    package init?(_ text: String) {
        if let (_, type) = Self.plain.first(where: { $0.0 == text }) {
            self = type
            return
        }
        guard text.hasPrefix("decimal("), text.hasSuffix(")") else { return nil }
        let numbers = text.dropFirst("decimal(".count).dropLast().split(
            separator: ",", omittingEmptySubsequences: false)
        guard numbers.count == 2, let precision = UInt8(numbers[0]), let scale = UInt8(numbers[1]),
            (1...38).contains(precision), scale <= precision
        else { return nil }
        self = .decimal(precision: Int(precision), scale: Int(scale))
    }

    package var description: String {
        if case .decimal(let precision, let scale) = self { return "decimal(\(precision),\(scale))" }
        return Self.plain.first { $0.1 == self }?.0 ?? ""
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let type = ColumnType(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no type: \(text)")
        }
        self = type
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
