/// Gathers problems, so that an administrator is told of several at once.
package final class ProblemCollector {
    private var problems: [DocumentProblem] = []
    private var omitted = 0

    package init() {}

    /// Notes a problem. The message is built only while there is room for it.
    package func report(
        at origin: Origin, object: String? = nil, field: String? = nil, _ message: @autoclosure () -> String
    ) {
        guard problems.count < DocumentErrors.limit else {
            omitted += 1
            return
        }
        problems.append(DocumentProblem(message(), at: origin, object: object, field: field))
    }

    /// - Throws: everything that was gathered, unless it is nothing.
    package func throwIfAny() throws(DocumentErrors) {
        guard !problems.isEmpty else { return }
        throw DocumentErrors(problems: inReadingOrder(), omitted: omitted)
    }

    /// File by file in the order in which the files were first complained of, and by line within each.
    private func inReadingOrder() -> [DocumentProblem] {
        var ranks: [String?: Int] = [:]
        for problem in problems where ranks[problem.file] == nil {
            ranks[problem.file] = ranks.count
        }
        let keyed = problems.enumerated().map { index, problem in
            (key: (ranks[problem.file] ?? 0, problem.line ?? 0, problem.column ?? 0, index), problem: problem)
        }
        return keyed.sorted { $0.key < $1.key }.map(\.problem)
    }
}
