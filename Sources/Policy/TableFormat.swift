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

    /// Spark's name for it.
    package var name: String {
        switch self {
        case .parquet: "parquet"
        case .orc: "orc"
        case .csv: "csv"
        }
    }

    static let words = ["parquet", "orc", "csv"]
}

extension TableFormat {
    var fields: [ObjectField] {
        guard case .csv(let header, let separator) = self else { return [ObjectField("format", name)] }
        return [
            ObjectField("format", name), ObjectField("format.csv.header", "\(header)"),
            ObjectField("format.csv.separator", separator),
        ]
    }
}

extension ReadingContext {
    /// The name of a format or, for `csv`, a mapping with what is not by its defaults.
    func tableFormat(_ node: Node) -> TableFormat? {
        if node.scalar != nil { return plainFormat(node) }
        guard let fields = fields(of: node, known: ["csv"]) else { return nil }
        return fields.required("csv") { context, node in
            guard let csv = context.fields(of: node, known: ["header", "separator"]) else { return nil }
            let header = csv.optional("header") { $0.flag($1) } ?? false
            let separator = csv.optional("separator") { $0.separator($1) } ?? ","
            return .csv(header: header, separator: separator)
        }
    }

    private func plainFormat(_ node: Node) -> TableFormat? {
        guard let word = text(node) else { return nil }
        switch word {
        case "parquet": return .parquet
        case "orc": return .orc
        case "csv": return .csv(header: false, separator: ",")
        default:
            report(node, unknown("format", word, among: TableFormat.words))
            return nil
        }
    }

    private func separator(_ node: Node) -> String? {
        text(node) { text in
            let isOneSign = text.utf8.count == 1 && text.utf8.allSatisfy { (0x20...0x7e).contains($0) }
            let hasMeaning = ["\"", "\\", "#"].contains(text)
            return isOneSign && !hasMeaning ? nil : "a separator is one sign of ASCII, and not `\"`, `\\` or `#`"
        }
    }
}
