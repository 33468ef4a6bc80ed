/// Finds what a misspelt word was probably meant to be.
package enum Spelling {
    /// More candidates than this are not searched: a guess is not worth the wait.
    private static let searchedCandidates = 10_000

    /// - Returns: The candidate nearest to the word, the first in order where several are; `nil` when none is near.
    package static func nearest(to word: String, among candidates: some Collection<String>) -> String? {
        guard candidates.count <= searchedCandidates else { return nil }
        let letters = Array(word.lowercased())
        let tolerated = max(1, min(3, letters.count / 2))
        var best: (distance: Int, word: String)?
        for candidate in candidates {
            let distance = distance(letters, Array(candidate.lowercased()), atMost: tolerated)
            guard let distance else { continue }
            if let best, (best.distance, best.word) <= (distance, candidate) { continue }
            best = (distance, candidate)
        }
        return best?.word
    }

    /// The number of letters to insert, delete or replace; `nil` when it is more than `limit`.
    private static func distance(_ one: [Character], _ other: [Character], atMost limit: Int) -> Int? {
        guard abs(one.count - other.count) <= limit else { return nil }
        var row = Array(0...other.count)
        for (i, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, otherLetter) in other.enumerated() {
                let replaced = diagonal + (letter == otherLetter ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
            }
        }
        return row[other.count] <= limit ? row[other.count] : nil
    }
}
