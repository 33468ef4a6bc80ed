import Foundation
import Policy

/// What an administrative change changed, object by object: the field `change` of its audit record.
///
/// It is bounded, so that a change of everything has a record, too: what does not fit is counted. Keytabs are only ever
/// named in policies, so that there is no secret to leave out.
package struct RecordedChange: Sendable, Codable, Equatable {
    /// The most bytes of its JSON.
    static let mostBytes = 60_000
    static let mostValues = 100
    static let longestValue = 1_024

    /// As of ``PolicyChange``: what each field lost and gained.
    package var entries: [PolicyChange.Entry]
    /// Objects that changed as well, and had no place; absent for none.
    package var leftOut: Int?

    /// As much of the change as has a place.
    package init(_ change: PolicyChange) {
        entries = []
        var room = Self.mostBytes
        for entry in change.entries {
            let entry = Self.bounded(entry)
            room -= Self.json(entry).count + 1
            guard room > 0 else { break }
            entries.append(entry)
        }
        let missing = change.entries.count - entries.count
        leftOut = missing > 0 ? missing : nil
    }

    /// Its JSON, as the record holds it.
    package var json: [UInt8] { Array(Self.json(self)) }

    /// - Parameter text: of a record; `nil` where it has none, or none that this program reads.
    init?(record text: String) {
        let change = text.isEmpty ? nil : try? JSONDecoder().decode(Self.self, from: Data(text.utf8))
        guard let change else { return nil }
        self = change
    }

    private static func json(_ value: some Encodable) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try encoder.encode(value)
        } catch {
            preconditionFailure("every change can be written as JSON: \(error)")
        }
    }

    private static func bounded(_ entry: PolicyChange.Entry) -> PolicyChange.Entry {
        var entry = entry
        for index in entry.fields.indices {
            entry.fields[index].removed = bounded(entry.fields[index].removed)
            entry.fields[index].added = bounded(entry.fields[index].added)
        }
        return entry
    }

    private static func bounded(_ values: [String]) -> [String] {
        let kept = values.prefix(mostValues).map { value in
            guard value.utf8.count > longestValue else { return value }
            return String(decoding: value.utf8.prefix(longestValue), as: UTF8.self) + "…"
        }
        return values.count > mostValues ? kept + ["… and \(values.count - mostValues) more"] : kept
    }
}
