import StrictYAML
import Yams

/// How the files of a table are read: the only way in which Spark reads them for whom rows or columns are hidden.
package enum TableFormat: Sendable, Hashable, Codable {
    case parquet
    case orc
    /// - Parameters:
    ///   - header: whether the first line of each file holds the names of the columns.
    ///   - separator: one character between two values.
    case csv(header: Bool, separator: String)
    /// Hive's text: a row a line, no quotes, `\N` for null.
    /// - Parameter separator: one character between two values.
    case text(separator: String)

    /// Between the values of Hive's text where a table says nothing else.
    package static let hiveSeparator = "\u{1}"

    /// Spark's name for it.
    package var name: String {
        switch self {
        case .parquet: "parquet"
        case .orc: "orc"
        case .csv: "csv"
        case .text: "text"
        }
    }

    static let words = ["parquet", "orc", "csv", "text"]
}

extension TableFormat {
    var fields: [ObjectField] {
        let name = ObjectField("format", name)
        return switch self {
        case .parquet, .orc: [name]
        case .csv(let header, let separator):
            [name, ObjectField("format.csv.header", "\(header)"), ObjectField("format.csv.separator", separator)]
        case .text(let separator): [name, ObjectField("format.text.separator", separator)]
        }
    }
}

extension ReadingContext {
    /// The name of a format or, for `csv` and `text`, a mapping with what is not by its defaults.
    func tableFormat(_ node: Node) -> TableFormat? {
        if node.scalar != nil { return plainFormat(node) }
        guard let fields = fields(of: node, known: ["csv", "text"]) else { return nil }
        if node.mapping?["text"] != nil, node.mapping?["csv"] == nil {
            return fields.required("text") { context, node in
                guard let text = context.fields(of: node, known: ["separator"]) else { return nil }
                let separator = text.optional("separator") { $0.separator($1, controls: true) }
                return .text(separator: separator ?? TableFormat.hiveSeparator)
            }
        }
        return fields.required("csv") { context, node in
            guard let csv = context.fields(of: node, known: ["header", "separator"]) else { return nil }
            let header = csv.optional("header") { $0.flag($1) } ?? false
            let separator = csv.optional("separator") { $0.separator($1, controls: false) } ?? ","
            return .csv(header: header, separator: separator)
        }
    }

    private func plainFormat(_ node: Node) -> TableFormat? {
        guard let word = text(node) else { return nil }
        switch word {
        case "parquet": return .parquet
        case "orc": return .orc
        case "csv": return .csv(header: false, separator: ",")
        case "text": return .text(separator: TableFormat.hiveSeparator)
        default:
            report(node, unknown("format", word, among: TableFormat.words))
            return nil
        }
    }

    /// - Parameter controls: whether a control character may separate, as Hive has it.
    private func separator(_ node: Node, controls: Bool) -> String? {
        text(node) { text in
            let range: ClosedRange<UInt8> = controls ? 0x01...0x7e : 0x20...0x7e
            let isOneSign = text.utf8.count == 1 && text.utf8.allSatisfy(range.contains)
            let hasMeaning = ["\"", "\\", "#", "\n", "\r"].contains(text)
            return isOneSign && !hasMeaning ? nil : "a separator is one sign of ASCII, and not `\"`, `\\` or `#`"
        }
    }
}
