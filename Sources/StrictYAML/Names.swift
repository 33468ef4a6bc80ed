import Foundation
import Wording

/// What may be the text of a name and of the other short fields of policies.
package enum Names {
    /// The longest name of an object, a tag or an attribute's value, in bytes.
    package static let maximumBytes = 256
    /// The longest principal, contact or file name, in bytes.
    package static let maximumLineBytes = 1024
    /// The longest free text, in bytes.
    package static let maximumProseBytes = 4096

    /// - Returns: What keeps a text from being a name; `nil` when nothing does.
    package static func fault(inName name: String) -> String? {
        if let fault = fault(inLine: name, maximumBytes: maximumBytes) { return fault }
        // Two spellings of one name would be one user here and two in Kerberos.
        let composed = name.precomposedStringWithCanonicalMapping
        guard composed.utf8.elementsEqual(name.utf8) else {
            return "\(quoted(name)) is not in Unicode's composed form (NFC); type it anew"
        }
        return nil
    }

    /// - Returns: What keeps a text from being a line of its own; `nil` when nothing does.
    package static func fault(inLine line: String, maximumBytes: Int = maximumLineBytes) -> String? {
        guard !line.isEmpty else { return "the text is empty; write at least one character" }
        if let fault = fault(inLength: line, maximumBytes: maximumBytes) { return fault }
        guard !line.unicodeScalars.contains(where: isControl) else {
            return "\(quoted(line)) has a control character; remove it"
        }
        return nil
    }

    /// - Returns: What keeps a text from being free text of several lines; `nil` when nothing does.
    package static func fault(inProse text: String) -> String? {
        if let fault = fault(inLength: text, maximumBytes: maximumProseBytes) { return fault }
        guard text.unicodeScalars.contains(where: { isControl($0) && $0 != "\n" && $0 != "\t" }) else { return nil }
        return "\(quoted(text)) has a control character; only line feeds and tabs are accepted"
    }

    private static func fault(inLength text: String, maximumBytes: Int) -> String? {
        guard text.utf8.count > maximumBytes else { return nil }
        return "\(quoted(text)) has \(text.utf8.count) bytes and may have \(maximumBytes); shorten it"
    }
}
