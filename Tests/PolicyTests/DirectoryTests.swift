import Policy
import Testing

struct DirectoryTests {
    @Test(arguments: ["/", "/data", "/data/sales", "/a.b/..c/...", "/data/with space/é", "/snapshot/.snapshots", "/a*"])
    func aCanonicalPathIsAccepted(path: String) {
        #expect(HDFSPath.fault(in: path) == nil)
    }

    @Test(arguments: [
        ("", "the path is empty; write an absolute HDFS path such as `/data/sales`"),
        ("data/sales", "`data/sales` is relative; begin it with `/`"),
        ("hdfs://nn:8020/data", "`hdfs://nn:8020/data` names a file system; write the path alone, beginning with `/`"),
        ("/data/", "`/data/` ends with a slash; remove it"),
        ("//", "`//` ends with a slash; remove it"),
        ("//data", "`//data` has two slashes in a row; write one"),
        ("/data//sales", "`/data//sales` has two slashes in a row; write one"),
        ("/data/./sales", "`/data/./sales` has a component `.`; write the path it leads to"),
        ("/data/..", "`/data/..` has a component `..`; write the path it leads to"),
        ("/a/.snapshot", "`/a/.snapshot` is in a snapshot; name the directory itself, its snapshots are protected too"),
        ("/data/*", "`/data/*` is a pattern; name the directory, all below it is protected"),
        ("/.reserved/raw/a", "`/.reserved/raw/a` is another name for a file; name the directory as it is listed"),
        ("/a\0b", "`/a\\0b` has a control character; remove it"),
    ])
    func anyOtherPathIsRefused(path: String, fault: String) {
        #expect(HDFSPath.fault(in: path) == fault)
    }

    @Test func aPathLongerThanHDFSAllowsIsRefused() {
        let longest = "/" + String(repeating: "a", count: 7999)
        #expect(HDFSPath.fault(in: longest) == nil)
        #expect(HDFSPath.fault(in: longest + "a") == "the path has 8001 bytes and HDFS allows 8000; shorten it")
    }

    @Test func everyFaultyDirectoryIsComplainedOf() {
        let yaml = """
            data-sources:
              - name: a
                kind: files
                directories:
                  - data
                  - /a/../b
                  - /ok
                  - /ok
                subscription: anyone
              - {name: b, kind: files, directories: [], subscription: anyone}
            """
        #expect(
            complaints(reading: yaml) == [
                "policy.yaml:5:9: data source `a`: `directories`: `data` is relative; begin it with `/`",
                "policy.yaml:6:9: data source `a`: `directories`: "
                    + "`/a/../b` has a component `..`; write the path it leads to",
                "policy.yaml:8:9: data source `a`: `directories`: `/ok` is listed twice; keep one",
                "policy.yaml:10:41: data source `b`: `directories`: the list is empty; name at least one directory",
            ])
    }

    @Test(arguments: [(false, false), (true, false), (false, true)])
    func twoDataSourcesOnOneDirectoryAreRefusedUnlessBothShare(first: Bool, second: Bool) {
        let files = [
            file(Self.yaml(of: "first", shares: first), name: "a.yaml"),
            file(Self.yaml(of: "second", shares: second), name: "b.yaml"),
        ]
        #expect(
            complaints(applying: files) == [
                "b.yaml:5:6: data source `second`: `directories`: `/data/x` is a directory of data source `first` too "
                    + "(a.yaml:5:6); name another one, or say `shares-directories: true` in both"
            ])
    }

    @Test func twoDataSourcesThatBothShareAreAccepted() throws {
        let files = [
            file(Self.yaml(of: "first", shares: true)), file(Self.yaml(of: "second", shares: true)),
        ]
        #expect(try apply(files).dataSources.map(\.name) == ["first", "second"])
    }

    @Test func aDirectoryOfAStoredDataSourceIsComplainedOfWhereTheFileIs() {
        let stored = PolicySet(dataSources: [dataSource("zzz", ["/data/x"])])
        #expect(
            complaints(applying: [file(Self.yaml(of: "first", shares: true), name: "a.yaml")], to: stored) == [
                "a.yaml:5:6: data source `first`: `directories`: `/data/x` is a directory of data source `zzz` too "
                    + "(stored); name another one, or say `shares-directories: true` in both"
            ])
    }

    @Test func aDirectoryWithinAnotherIsNotTheSame() throws {
        let stored = PolicySet(dataSources: [dataSource("outer", ["/data"])])
        #expect(try apply(Self.yaml(of: "inner", shares: false), to: stored).dataSources.count == 2)
    }

    @Test func directoriesDifferWhenTheirBytesDo() throws {
        let stored = PolicySet(dataSources: [dataSource("composed", ["/caf\u{E9}"])])
        let yaml = "data-sources: [{name: other, kind: files, directories: [\"/cafe\\u0301\"], subscription: anyone}]"
        #expect(try apply(yaml, to: stored).dataSources.count == 2)
    }

    private static func yaml(of name: String, shares: Bool) -> String {
        """
        data-sources:
        - name: \(name)
          kind: files
          directories:
           - /data/x
          shares-directories: \(shares)
          subscription: anyone
        """
    }
}
