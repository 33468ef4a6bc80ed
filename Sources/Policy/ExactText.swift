/// A text that equals another when their bytes do.
///
/// A `String` equals every canonically equivalent one, so that two HDFS directories, or two Kerberos principals, could
/// pass for one.
struct ExactText: Hashable, Comparable, CustomStringConvertible {
    var text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (one: Self, other: Self) -> Bool {
        one.text.utf8.elementsEqual(other.text.utf8)
    }

    static func < (one: Self, other: Self) -> Bool {
        one.text.utf8.lexicographicallyPrecedes(other.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    var description: String { text }
}
