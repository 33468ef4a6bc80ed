import Foundation
import Policy
import StrictYAML
import Testing

struct SourceFilesTests {
    @Test func aDirectoryIsReadBelowInTheOrderOfItsPaths() throws {
        let folder = try TemporaryFolder()
        for path in ["b.yaml", "a.yml", "notes.txt", "deep/er/c.yaml", ".hidden.yaml", ".git/d.yaml", "z.yaml~"] {
            try folder.write("# \(path)", to: path)
        }
        let files = try SourceFiles.load([folder.path])
        #expect(files.map(\.name) == ["a.yml", "b.yaml", "deep/er/c.yaml"].map(folder.path(of:)))
        #expect(files.map { String(decoding: $0.bytes, as: UTF8.self) } == ["# a.yml", "# b.yaml", "# deep/er/c.yaml"])
    }

    @Test func pathsAreReadInTheirOrderAndOnce() throws {
        let folder = try TemporaryFolder()
        for name in ["a.yaml", "b.yaml", "words"] { try folder.write("", to: name) }
        let files = try SourceFiles.load([folder.path(of: "words"), folder.path(of: "b.yaml"), folder.path])
        #expect(files.map(\.name) == ["words", "b.yaml", "a.yaml"].map(folder.path(of:)))
    }

    @Test func linksAreFollowedButNotInCircles() throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "in/a.yaml")
        try folder.link("in/loop", to: folder.path)
        try folder.link("in/b.yaml", to: folder.path(of: "..data"))
        try folder.write("", to: "..data")
        #expect(try SourceFiles.load([folder.path]).map(\.name) == ["in/a.yaml", "in/b.yaml"].map(folder.path(of:)))
    }

    @Test func aFileTooLargeIsRefusedBeforeItIsRead() throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "big.yaml")
        // A hole of 100 MB: the size is there, the bytes are not.
        #expect(truncate(folder.path(of: "big.yaml"), 100_000_000) == 0)
        #expect(
            complaints { () throws(DocumentErrors) in _ = try SourceFiles.load([folder.path]) } == [
                "\(folder.path(of: "big.yaml")): the file has 100000000 bytes and a file may have 16777216; "
                    + "split it into several files"
            ])
    }

    @Test func everyPathThatCannotBeReadIsComplainedOf() throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "empty/notes.txt")
        try folder.link("dangling.yaml", to: folder.path(of: "nowhere"))
        #expect(mkfifo(folder.path(of: "pipe.yaml"), 0o600) == 0)
        let paths = ["missing.yaml", "empty", "dangling.yaml", "pipe.yaml"].map(folder.path(of:))
        #expect(
            complaints { () throws(DocumentErrors) in _ = try SourceFiles.load(paths) } == [
                "\(paths[0]): the file cannot be read: no such file or directory",
                "\(paths[1]): the directory holds no `.yaml` or `.yml` file; name another one",
                "\(paths[2]): the file cannot be read: no such file or directory",
                "\(paths[3]): not a regular file; name a file or a directory of files",
            ])
    }
}

/// A directory that lasts as long as the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "policy-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func path(of name: String) -> String { "\(path)/\(name)" }

    func write(_ text: String, to name: String) throws {
        let file = URL(fileURLWithPath: path(of: name))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path(of: name), withDestinationPath: target)
    }
}
