import ReferenceModel

extension RandomWorld {
    /// A question that comes far: mostly by a user that there is, for a path that something covers.
    mutating func question(isCheck: Bool = false) -> Question {
        if chance(8) { files[random.below(files.count)] = path() }
        let path = percent(90) ? one(of: files) : path()
        let principal = principal()
        guard !isCheck else { return Question(.read, principal, path) }
        switch random.below(16) {
        case 0...1: return Question(.traverse, principal, path)
        case 2: return Question(.move(to: percent(60) ? one(of: files) : self.path()), principal, path)
        default: return Question(.read, principal, path, inodes: percent(60) ? inodes(of: path) : nil)
        }
    }

    // MARK: Principals

    mutating func principal() -> Text {
        switch random.below(50) {
        case 0: return one(of: Vocabulary.badPrincipals)
        case 1, 2: return one(of: Vocabulary.strangers)
        case 3: return one(of: ["hive", "hive/h1@EXAMPLE.COM", "hive@OTHER.COM", "etl", "etl/h1@EXAMPLE.COM"])
        case 4...6: return caller(ofName: one(of: Vocabulary.users))
        default:
            guard let user = world.policies.users.randomElement(using: &random) else { return "ann" }
            if let principal = user.principal, principal.bytes.contains(UInt8(ascii: "@")), !chance(4) {
                return chance(30) ? upperCased(principal) : principal
            }
            return caller(ofName: user.name)
        }
    }

    private mutating func caller(ofName name: Text) -> Text {
        switch random.below(12) {
        case 0...4: name
        case 5...8: "\(name)@EXAMPLE.COM"
        case 9: "\(name)@OTHER.COM"
        case 10: "\(name)/h\(1 + random.below(2))@EXAMPLE.COM"
        default: upperCased(name)
        }
    }

    /// The first letter in upper case.
    private func upperCased(_ name: Text) -> Text {
        "\(name.description.prefix(1).uppercased())\(name.description.dropFirst())"
    }

    // MARK: Paths

    mutating func path() -> Text {
        var path: Text = ""
        if let source = world.policies.dataSources.randomElement(using: &random), !chance(12) {
            path = one(of: source.directories)
        }
        if path == "/" { path = "" }
        for _ in 0..<random.below(3) { path = "\(path)/\(one(of: Vocabulary.components))" }
        if percent(75) { path = "\(path)/\(dated())" }
        if chance(12) { path = "\(path)/\(dated())" }
        if chance(4) { path = disguised(path) }
        return path.bytes.isEmpty && !chance(10) ? "/" : path
    }

    /// A component with a day around today.
    private mutating func dated() -> Text {
        let word = one(of: percent(80) ? ["dt"] : Vocabulary.words)
        let day = isoDay(clock.wall + Vocabulary.halfDay * 2 * Instant(random.below(6) - 3))
        return "\(word)=\(chance(5) ? day.replacing("-", with: "") : day)"
    }

    /// The path in another spelling, or no path any more.
    private mutating func disguised(_ path: Text) -> Text {
        var parts = path.parts(between: "/")
        switch random.below(8) {
        case 0: parts.insert(contentsOf: [".snapshot", "s1"], at: random.below(parts.count) + 1)
        case 1: parts += [".snapshot"] + some(of: ["s1", ".snapshot", "hot"])
        case 2: parts.insert("", at: random.below(parts.count) + 1)
        case 3: parts += [""]
        case 4: parts.insert(contentsOf: [".reserved", "raw"], at: min(1, parts.count))
        case 5: parts[random.below(parts.count)] = one(of: Vocabulary.components)
        default: parts.insert(one(of: Vocabulary.odd), at: random.below(parts.count) + 1)
        }
        return Text(parts.map(\.bytes).joined(separator: [UInt8(ascii: "/")]))
    }
}
