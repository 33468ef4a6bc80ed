import Foundation

/// A condition as JSON is a condition as policy files write it: `{"all":[{"group":"analysts"},{"not":…}]}`.
extension Condition: Codable {
    private enum Key: String, CodingKey {
        case all, any, not, group, attribute
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        guard let key = container.allKeys.first, container.allKeys.count == 1 else {
            let words = "a condition is one of `all`, `any`, `not`, `group` and `attribute`"
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: words))
        }
        switch key {
        case .all: self = .all(try container.decode([Condition].self, forKey: key))
        case .any: self = .any(try container.decode([Condition].self, forKey: key))
        case .not: self = .not(try container.decode(Condition.self, forKey: key))
        case .group: self = .group(try container.decode(String.self, forKey: key))
        case .attribute:
            let pairs = try container.decode([String: String].self, forKey: key)
            guard let (name, value) = pairs.first, pairs.count == 1 else {
                let words = "`attribute` has one name and one value"
                throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: words)
            }
            self = .attribute(name, value: value)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .all(let conditions): try container.encode(conditions, forKey: .all)
        case .any(let conditions): try container.encode(conditions, forKey: .any)
        case .not(let condition): try container.encode(condition, forKey: .not)
        case .group(let name): try container.encode(name, forKey: .group)
        case .attribute(let name, let value): try container.encode([name: value], forKey: .attribute)
        }
    }

    /// The condition as compact JSON; equal conditions have equal texts.
    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        } catch {
            preconditionFailure("names and values are texts, which JSON can always hold: \(error)")
        }
    }

    /// - Throws: `DecodingError` when the text is no condition.
    package init(json: String) throws {
        self = try JSONDecoder().decode(Condition.self, from: Data(json.utf8))
    }
}
