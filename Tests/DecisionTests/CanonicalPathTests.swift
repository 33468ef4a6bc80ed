import RandomNumbers
import Testing

@testable import Decision

@Suite("Canonical paths")
struct CanonicalPathTests {
    @Test(arguments: [
        "/", "/a", "/a/b", "/data/2024-01-01/part-00000.parquet", "/a b/ü/日本", "/...", "/.a", "/a.", "/.snapshots",
        "/.snapshot2/x", "/a/.reserved", "/a/.reserved/raw", "/.reservedly", "/a/b:c", "/a/%2e%2e", "/e\u{301}",
    ])
    func canonicalPathStaysAsItIs(path: String) {
        #expect(isCanonical(path))
        #expect(canonical(path) == path)
    }

    @Test(arguments: [
        ("//", "/"), ("///a", "/a"), ("/a/", "/a"), ("/a//", "/a"), ("/a//b///c/", "/a/b/c"),
        ("/a/.snapshot/s1/b", "/a/b"), ("/a/.snapshot/s1", "/a"), ("/a/.snapshot", "/a"), ("/a/.snapshot/", "/a"),
        ("/.snapshot/s1/a", "/a"), ("/.snapshot", "/"), ("/.snapshot/s1", "/"), ("/a//.snapshot//s1//b", "/a/b"),
        ("/a/.snapshot/s1/.snapshot/s2/b", "/a/b"), ("/a/.snapshot/.snapshot/b", "/a/b"),
        ("/.reserved/raw", "/"), ("/.reserved/raw/a/b", "/a/b"), ("//.reserved//raw//a", "/a"),
        ("/.reserved/raw/a/.snapshot/s1/b", "/a/b"), ("/a/.snapshot/.reserved/b", "/a/b"),
    ])
    func otherNamesOfAFileBecomeItsOwn(path: String, expected: String) {
        #expect(!isCanonical(path))
        #expect(canonical(path) == expected)
    }

    @Test(arguments: [
        "", "a", "a/b", "./a", " /a", "hdfs://nn/a", "/.", "/..", "/a/.", "/a/..", "/a/./b", "/a/../b", "/../a",
        "/a/.snapshot/..", "/a/.snapshot/../b", "/a/.snapshot/./b", "/a/.snapshot/s1/../b",
        "/\0", "/a\0", "/a/\0/b", "/a/.snapshot/s\0/b", "/.reserved/raw/a\0",
        "/.reserved", "/.reserved/", "/.reserved/.inodes/16386", "/.reserved/.inodes", "/.reserved/a", "/.reserved/RAW",
        "/.reserved/raw/.reserved", "/.reserved/raw/.reserved/raw/a", "/.snapshot/s1/.reserved/raw/a",
    ])
    func pathWithoutCanonicalFormHasNone(path: String) {
        #expect(!isCanonical(path))
        #expect(canonical(path) == nil)
    }

    /// A lone continuation byte, a cut-off and an overlong sequence, a surrogate, one beyond Unicode.
    @Test(
        arguments: [[0x80], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF]] as [[UInt8]])
    func bytesThatAreNotUTF8HaveNoCanonicalForm(bytes: [UInt8]) {
        for path in [[UInt8]("/a".utf8) + bytes, [UInt8]("/a/.snapshot/".utf8) + bytes, bytes + [0x2F]] {
            #expect(!isCanonical(path))
            #expect(canonical(path) == nil)
        }
    }

    @Test func canonicalFormIsCanonicalAndOfItselfForAllBytes() {
        var random = RandomNumbers(for: "canonical paths")
        for _ in 0..<100_000 {
            let path = random.path()
            let result = canonical(path)
            #expect(isCanonical(path) == (result == path), "\(path), seed \(random.seed)")
            guard let result else { continue }
            #expect(isCanonical(result), "\(path), seed \(random.seed)")
            #expect(canonical(result) == result, "\(path), seed \(random.seed)")
        }
    }

    private func isCanonical(_ path: [UInt8]) -> Bool {
        CanonicalPath.isCanonical(path.span)
    }

    private func canonical(_ path: [UInt8]) -> [UInt8]? {
        CanonicalPath.canonical(path.span)
    }

    private func isCanonical(_ path: String) -> Bool {
        isCanonical(Array(path.utf8))
    }

    private func canonical(_ path: String) -> String? {
        canonical(Array(path.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension RandomNumbers {
    private static let components = [
        "", ".", "..", ".snapshot", ".reserved", "raw", ".inodes", "a", "b", "é", "...", "\0", "s1",
    ]

    /// Bytes that look like a path, with a byte changed now and then.
    fileprivate mutating func path() -> [UInt8] {
        if chance(20) { return bytes(upTo: 12) }
        let components = (0..<below(6)).map { _ in one(of: Self.components) }
        var path = Array(((chance(10) ? "" : "/") + components.joined(separator: "/")).utf8)
        if !path.isEmpty, chance(10) { path[below(path.count)] = UInt8.random(in: 0...255, using: &self) }
        return path
    }
}
