import Foundation
import FoundationXML

/// Reads the properties of a Hadoop configuration file, as `Configuration.Parser` of Hadoop 3.3.6 does.
///
/// Stricter than Hadoop in what could stand for something that is not in the file: a document type declaration (with it
/// entities) and XInclude are refused.
final class HadoopConfigurationReader: NSObject, XMLParserDelegate {
    /// A property as it stands in the file.
    struct Property {
        /// The value, as it is: not trimmed, no variable expanded.
        var value: String
        /// The line that the value begins on, from 1.
        var line: Int
    }

    /// The `<property>` being read.
    private struct PendingProperty {
        var name: String?
        var value: Property?
        var isFinal = false
    }

    private let file: String
    private var properties: [String: Property] = [:]
    private var finalNames: Set<String> = []
    private var pending: PendingProperty?
    private var text = ""
    private var textLine = 1
    private var hasRoot = false
    private var error: HadoopConfigurationError?

    private init(file: String) {
        self.file = file
    }

    /// The properties of a file, by name.
    ///
    /// - Parameters:
    ///   - xml: The file's bytes.
    ///   - file: The file's name, for errors.
    /// - Throws: ``HadoopConfigurationError`` for what is not UTF-8, not XML, not a configuration or not in this file.
    static func properties(in xml: Data, of file: String) throws(HadoopConfigurationError) -> [String: Property] {
        guard let text = String(validating: xml, as: UTF8.self) else {
            throw HadoopConfigurationError(file: file, reason: "not UTF-8")
        }
        guard !text.contains("<!DOCTYPE") else {
            throw HadoopConfigurationError(file: file, reason: "`<!DOCTYPE` is not supported: write entities out")
        }
        let reader = HadoopConfigurationReader(file: file)
        let parser = XMLParser(data: xml)
        parser.shouldProcessNamespaces = true
        parser.shouldResolveExternalEntities = false
        parser.delegate = reader
        // The result does not tell: it is true for a file that is cut off. The delegate hears of every error.
        _ = parser.parse()
        if let error = reader.error {
            throw error
        }
        guard reader.hasRoot else {
            throw HadoopConfigurationError(file: file, reason: "not well-formed XML: empty")
        }
        return reader.properties
    }

    func parser(
        _ parser: XMLParser,
        didStartElement element: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        if !hasRoot {
            hasRoot = true
            guard element == "configuration" else {
                return fail(parser, "the root element is `<\(element)>`, not `<configuration>`")
            }
        }
        switch element {
        case "include":
            fail(parser, "XInclude is not supported: put the properties of the included file here")
        case "property":
            pending = PendingProperty(
                name: attributes["name"],
                value: attributes["value"].map { Property(value: $0, line: parser.lineNumber) },
                isFinal: attributes["final"] == "true"
            )
        case "name", "value", "final":
            text = ""
            textLine = parser.lineNumber
        default:
            break
        }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        text += string
    }

    func parser(_ parser: XMLParser, foundCDATA block: Data) {
        text += String(decoding: block, as: UTF8.self)
    }

    func parser(_ parser: XMLParser, didEndElement element: String, namespaceURI: String?, qualifiedName: String?) {
        switch element {
        case "name" where !text.isEmpty:
            pending?.name = text.trimmingCharacters(in: .whitespacesAndNewlines)
        case "value" where !text.isEmpty:
            pending?.value = Property(value: text, line: textLine)
        case "final":
            pending?.isFinal = text == "true"
        case "property":
            endProperty()
        default:
            break
        }
    }

    func parser(_ parser: XMLParser, parseErrorOccurred parseError: any Error) {
        fail(parser, "not well-formed XML: \(Self.words(for: (parseError as NSError).code))")
    }

    /// Words for an error number of libxml2 (`xmlParserErrors`), which is all that XMLParser hands on.
    private static func words(for code: Int) -> String {
        switch code {
        case 5: "the file ends too early, or goes on after its end"
        case 9: "invalid character"
        case 26: "unknown entity"
        case 76: "start tag and end tag differ"
        default: "libxml2 error \(code)"
        }
    }

    /// The last value of a name stands, unless an earlier one was final. A property without a value is none.
    private func endProperty() {
        defer { pending = nil }
        guard let pending, let name = pending.name else { return }
        if let value = pending.value, !finalNames.contains(name) {
            properties[name] = value
        }
        if pending.isFinal {
            finalNames.insert(name)
        }
    }

    private func fail(_ parser: XMLParser, _ reason: String) {
        error = error ?? HadoopConfigurationError(file: file, line: parser.lineNumber, reason: reason)
        parser.abortParsing()
    }
}
