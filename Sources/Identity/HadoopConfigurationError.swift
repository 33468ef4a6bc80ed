/// What is wrong with a Hadoop configuration file such as `core-site.xml`.
package struct HadoopConfigurationError: Error, Equatable {
    /// One thing that is wrong.
    package struct Fault: Equatable, Sendable {
        /// The line, from 1; `nil` if it is about the file as a whole.
        package let line: Int?
        /// What is wrong.
        package let reason: String
    }

    /// The file as it was named.
    package let file: String
    /// The faults; at least one.
    package let faults: [Fault]

    init(file: String, faults: [Fault]) {
        self.file = file
        self.faults = faults
    }

    init(file: String, line: Int? = nil, reason: String) {
        self.init(file: file, faults: [Fault(line: line, reason: reason)])
    }
}

extension HadoopConfigurationError: CustomStringConvertible {
    package var description: String {
        faults.map { fault in
            "\(file):\(fault.line.map { "\($0):" } ?? "") \(fault.reason)"
        }.joined(separator: "\n")
    }
}
