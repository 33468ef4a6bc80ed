import Foundation
import Testing

@testable import Audit

@Suite("Paths that records do not show")
struct PathPrivacyTests {
    private let privacy = PathPrivacy(whole: 2, salt: Array(repeating: 7, count: 32))

    @Test func firstComponentsAreShownAndTheOthersAreNot() {
        let shown = privacy.veiled("/data/hr/jane.doe/salary.csv")
        #expect(shown.hasPrefix("/data/hr/~"))
        let parts = shown.split(separator: "/")
        #expect(parts.count == 4)
        for part in parts[2...] {
            #expect(part.count == 17)
            #expect(part.dropFirst().allSatisfy { $0.isHexDigit })
        }
    }

    @Test(arguments: ["/", "/data", "/data/hr", "", "//", "/data/"])
    func shortPathIsShownWhole(path: String) {
        #expect(privacy.veiled(path) == path)
    }

    @Test func samePathAlwaysReadsTheSame() {
        #expect(privacy.veiled("/data/hr/jane") == privacy.veiled("/data/hr/jane"))
        let other = PathPrivacy(whole: 2, salt: Array(repeating: 8, count: 32))
        #expect(privacy.veiled("/data/hr/jane") != other.veiled("/data/hr/jane"))
    }

    /// So that a query for a directory finds what is below it.
    @Test func whatIsBelowADirectoryStays() {
        let directory = privacy.veiled("/data/hr/jane")
        #expect(privacy.veiled("/data/hr/jane/a/b").hasPrefix("\(directory)/"))
        #expect(!privacy.veiled("/data/hr/janet/a").hasPrefix(directory))
    }

    @Test func sameNameElsewhereReadsDifferently() {
        let here = privacy.veiled("/data/hr/jane").split(separator: "/").last
        #expect(privacy.veiled("/data/it/jane").split(separator: "/").last != here)
        let moved = privacy.veiled("/data/hr/a/bc").split(separator: "/").last
        #expect(privacy.veiled("/data/hr/ab/c").split(separator: "/").last != moved)
    }

    @Test func saltIsMadeOnceAndOnlyForItsOwner() throws {
        let folder = try TemporaryFolder()
        let first = try PathPrivacy(whole: 1, directory: folder.path).veiled("/a/b")
        #expect(try PathPrivacy(whole: 1, directory: folder.path).veiled("/a/b") == first)
        let file = "\(folder.path)/paths.salt"
        #expect(try folder.mode(of: file) == 0o600)
        try folder.write([1, 2, 3], to: file)
        #expect(throws: JournalError.self) { try PathPrivacy(whole: 1, directory: folder.path) }
    }
}
