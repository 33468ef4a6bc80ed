import ReferenceModel

/// The words that random policies are made of: few, so that they meet; among them those that have been confused before.
enum Vocabulary {
    static let users: [Text] = ["ann", "bob", "cid", "dot", "zo\u{EB}", "Ann"]
    static let groups: [Text] = ["g1", "g2", "g3"]
    static let attributes: [Text] = ["country", "level"]
    static let values: [Text] = ["DE", "FR", "1"]
    static let purposes: [Text] = ["p1", "p2", "p3"]
    static let tags: [Text] = ["pii", "personal", "hot", "cold", "x"]
    static let tagComponents: [Text] = ["class=x", "hot", "\u{E9}", "b"]
    static let sources: [Text] = ["s1", "s2", "s3", "s4", "s5"]
    static let projects: [Text] = ["j1", "j2", "j3"]
    /// In no order.
    static let globalPolicies: [Text] = ["w2", "w3", "w1", "v\u{FC}"]

    static let namings: [[Text: Text]] = [
        ["EXAMPLE.COM": ""], ["EXAMPLE.COM": "", "OTHER.COM": ""], ["EXAMPLE.COM": "", "OTHER.COM": "-other"],
    ]
    /// Names that Kerberos could not have issued, or that the rules make nothing of.
    static let badPrincipals: [Text] = [
        "", "ann@EXAMPLE.COM@OTHER.COM", "ann\\@EXAMPLE.COM@EXAMPLE.COM", "ann@FOREIGN.ORG", "ann\u{0}@EXAMPLE.COM",
        "ann@", Text([0x61, 0xFF]), Text(Array(repeating: UInt8(ascii: "a"), count: 4_097)),
    ]
    static let strangers: [Text] = [
        "eve", "eve@EXAMPLE.COM", "ann-other", "annn", "an", "zoe\u{308}", "cid/h9@EXAMPLE.COM",
    ]

    /// Directories of data sources: within one another, with a common beginning of letters, with one letter in two
    /// spellings, and the root.
    static let directories: [Text] = [
        "/data/a", "/data/a", "/data/a/b", "/data/ab", "/data", "/d/\u{E9}", "/d/e\u{301}", "/data/class=x",
        "/data/a/dt=2026-11-21", "/s", "/d", "/data/a/b/hot", "/raw", "/",
    ]
    static let components: [Text] = [
        "a", "b", "ab", "data", "f", "hot", "class=x", "class=xy", "\u{E9}", "e\u{301}", "s", "raw",
    ]
    static let words: [Text] = ["dt", "day"]
    static let odd: [Text] = [
        ".", "..", "...", ".snapshot", ".snapshots", ".reserved", ".reserved/raw", ".reserved/.inodes/16386", "",
        "dt=", "dt", "dt=2026-02-29", "dt=2024-02-29", "dt=20261121 ", "DT=2026-11-21", "dt=2026-11-21=x",
        "adt=2026-11-21", "dt=2026-1-21", "dt=0000-01-01", "dt=0001-01-01", "dt=9999-12-31", "a\u{0}b",
        Text([0x61, 0xC3]), Text([0xED, 0xA0, 0x80]),
    ]

    static let readers: [Text] = ["etl", "svc"]
    static let readerGroups: [Text] = ["staff", "data", "other"]

    /// 2026-11-21T00:00:00Z.
    static let middle: Instant = 1_795_219_200_000
    static let halfDay: Instant = 43_200_000
}
