import ReferenceModel
import Testing

/// Cases computed by hand from `docs/decisions.md`, so that the model is not believed for its own sake.
@Suite("The reference model: paths")
struct ModelPathTests {
    @Test(
        arguments: [
            ("/", []), ("//", []), ("/a//b/", ["a", "b"]), ("/a/.snapshot/s1/b", ["a", "b"]),
            ("/.snapshot/s1/a", ["a"]), ("/a/.snapshot/s1", ["a"]), ("/a/.snapshot", ["a"]),
            ("/a/.snapshot/s1/.snapshot/s2/b", ["a", "b"]), ("/.reserved/raw/a", ["a"]), ("/.reserved/raw", []),
            ("/a/.reserved/b", ["a", ".reserved", "b"]), ("/a/...", ["a", "..."]),
            ("/a/.snapshots/b", ["a", ".snapshots", "b"]), ("/d/\u{E9}", ["d", "\u{E9}"]),
        ] as [(Text, [Text])])
    func pathIsMadeCanonical(path: Text, components: [Text]) {
        #expect(canonicalComponents(of: path) == components)
    }

    @Test(
        arguments: [
            "", "a", "a/b", "/a/.", "/./a", "/a/../b", "/..", "/.reserved", "/.reserved/x", "/.reserved/.inodes/7",
            "/a\u{0}b", "/.reserved/raw/.reserved/raw/a", "/.snapshot/s/.reserved/raw/a", "/.snapshot/..",
            Text([0x2F, 0xFF]),
        ] as [Text])
    func pathIsRefused(path: Text) {
        #expect(canonicalComponents(of: path) == nil)
    }

    @Test(
        arguments: [
            ("/data/a", "s1"), ("/data/a/f", "s1"), ("/data/ab", nil), ("/data", nil), ("/data/a/b", "s2"),
            ("/data/a/b/f", "s2"), ("/data/a/bc", "s1"), ("/data/a/.snapshot/x/b/f", "s2"),
            ("/d/\u{E9}/f", "s3"), ("/d/e\u{301}/f", nil),
        ] as [(Text, Text?)])
    func deepestDirectoryCovers(path: Text, source: Text?) {
        var world = World()
        for (name, directory) in [("s1", "/data/a"), ("s2", "/data/a/b"), ("s3", "/d/\u{E9}")] as [(Text, Text)] {
            var source = DataSource(name)
            source.directories = [directory]
            world.policies.dataSources.append(source)
        }
        let answer = world.answer(Question(.read, "ann", path), at: 0)
        #expect(answer == Answer(.native, source == nil ? .notProtected : .unmappedUser, source))
    }
}
