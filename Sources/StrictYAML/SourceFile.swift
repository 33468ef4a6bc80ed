/// A policy file as it was read.
package struct SourceFile: Sendable, Equatable {
    /// What messages call the file: the path as the administrator gave it.
    package var name: String
    package var bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}

/// A place in a policy file. Lines and columns count from 1, columns in Unicode scalars.
package struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { "\(file):\(line):\(column)" }
}

/// Where an object of a policy set comes from.
package enum Origin {
    /// A file as a whole.
    case file(String)
    case place(SourceLocation)
    /// The store: no file of this application names the object.
    case stored
}

extension Origin: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let name): name
        case .place(let location): location.description
        case .stored: "stored"
        }
    }
}
