import Wording

/// One thing that is wrong with the policies that were given.
package struct DocumentProblem: Sendable, Equatable, Codable {
    /// The file that the problem is in; `nil` when it is in an object of the store.
    package var file: String?
    /// Counts from 1; `nil` for a problem of the file as a whole and for the store.
    package var line: Int?
    /// Counts Unicode scalars from 1; `nil` where `line` is.
    package var column: Int?
    /// The object in words, such as "user `alice`"; `nil` outside any object.
    package var object: String?
    /// The field within the object, such as `credential.keytab`; `nil` when it is the object as a whole.
    package var field: String?
    /// What is wrong and what to do about it, in lower case and without a final stop.
    package var message: String

    package init(_ message: String, at origin: Origin, object: String? = nil, field: String? = nil) {
        switch origin {
        case .file(let name): file = name
        case .place(let location): (file, line, column) = (location.file, location.line, location.column)
        case .stored: break
        }
        self.object = object
        self.field = field
        self.message = message
    }
}

extension DocumentProblem: CustomStringConvertible {
    /// `FILE:LINE:COLUMN: object: field: message`, without the parts that there are not; `stored` stands for the place
    /// of an object that no file names.
    package var description: String {
        let place = [file ?? "stored", line.map(String.init), column.map(String.init)].compactMap(\.self)
        return [place.joined(separator: ":"), object, field.map(quoted), message]
            .compactMap(\.self).joined(separator: ": ")
    }
}

/// Why policies were refused: every problem that was found, up to ``DocumentErrors/limit`` of them.
package struct DocumentErrors: Error, Sendable, Equatable, Codable {
    /// How many problems are told at most.
    package static let limit = 100

    /// File by file, in the order of their lines. Never empty.
    package var problems: [DocumentProblem]
    /// How many more problems there are than are told.
    package var omitted: Int

    package init(problems: [DocumentProblem], omitted: Int = 0) {
        self.problems = problems
        self.omitted = omitted
    }
}

extension DocumentErrors: CustomStringConvertible {
    /// One line for each problem, and one that counts the omitted ones.
    package var description: String {
        let more = omitted == 0 ? [] : ["and \(omitted) more; mend these first"]
        return (problems.map(\.description) + more).joined(separator: "\n")
    }
}
