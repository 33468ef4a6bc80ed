/// A name, a principal, a path: bytes, compared and put in order byte by byte. Two spellings of one letter are two.
package struct Text: Hashable, Comparable, Sendable {
    package var bytes: [UInt8]

    package init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    package init(_ string: String) { bytes = Array(string.utf8) }

    package static func < (left: Text, right: Text) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

    /// The text as a string; `nil` if the bytes are not UTF-8.
    package var string: String? { String(validating: bytes, as: UTF8.self) }

    func contains(_ sign: Unicode.Scalar) -> Bool { bytes.contains(UInt8(ascii: sign)) }

    /// The parts between the signs; `a//b` has three.
    package func parts(between sign: Unicode.Scalar) -> [Text] {
        bytes.split(separator: UInt8(ascii: sign), omittingEmptySubsequences: false).map { Text($0) }
    }
}

extension Text: ExpressibleByStringInterpolation, CustomStringConvertible {
    package init(stringLiteral string: String) { self.init(string) }

    /// The text with everything but letters of ASCII and signs spelled out, so that no two texts look the same.
    package var spelledOut: String {
        guard let string else { return bytes.map { "\\x\(String($0, radix: 16))" }.joined() }
        return string.unicodeScalars.map { $0.isASCII && $0.value >= 0x20 ? "\($0)" : $0.escaped(asASCII: true) }
            .joined()
    }

    package var description: String { String(decoding: bytes, as: UTF8.self) }
}
