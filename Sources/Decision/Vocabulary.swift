import Policy

/// Numbers for the names of groups, attributes' values and purposes: users hold and rules compare numbers.
///
/// Only grows, so that numbers keep their meaning from one snapshot to the next.
struct Vocabulary: Sendable {
    /// An attribute with one of its values.
    struct AttributeValue: Hashable, Sendable {
        var name: String
        var value: String
    }

    private(set) var groups = Words<String>()
    private(set) var attributes = Words<AttributeValue>()
    private(set) var purposes = Words<String>()

    mutating func group(_ name: String) -> UInt32 { groups.number(name) }
    mutating func purpose(_ name: String) -> UInt32 { purposes.number(name) }
    mutating func attribute(_ name: String, _ value: String) -> UInt32 {
        attributes.number(AttributeValue(name: name, value: value))
    }
}

/// Things and their numbers, from 0.
struct Words<Word: Hashable & Sendable>: Sendable {
    private var numbers: [Word: UInt32] = [:]
    private var words: [Word] = []

    mutating func number(_ word: Word) -> UInt32 {
        if let number = numbers[word] { return number }
        let number = UInt32(words.count)
        numbers[word] = number
        words.append(word)
        return number
    }

    subscript(number: UInt32) -> Word { words[Int(number)] }
}
