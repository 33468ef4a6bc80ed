import ReferenceModel

/// What crawls find, and what the NameNode tells of files that no crawl has seen.
extension RandomWorld {
    mutating func catalogueChange() -> Step {
        guard let source = world.policies.dataSources.randomElement(using: &random) else { return .flushCache }
        return .crawl(source.name, chance(10) ? nil : crawl())
    }

    mutating func crawl() -> Crawl {
        var credential = Credential(one(of: Vocabulary.readers))
        credential.groups = some(of: Vocabulary.readerGroups)
        credential.isSuperuser = chance(12)
        var crawl = Crawl(by: credential)
        for file in files where percent(75) {
            guard let path = canonicalComponents(of: file) else { continue }
            let changed = instant() + one(of: [0, 0, 1, 500, 999])
            crawl.files[pathText(path)] = Crawl.File(isReadable: !chance(5), changed: changed)
        }
        return crawl
    }

    /// Of `/`, of every directory, and of the file; in a snapshot the NameNode has a directory more.
    mutating func inodes(of path: Text) -> [Inode]? {
        guard let components = canonicalComponents(of: path) else { return nil }
        let more = path.parts(between: "/").contains(".snapshot") ? 1 : 0
        return (0...components.count + more).map { _ in inode() }
    }

    private mutating func inode() -> Inode {
        let open: Inode.Permission = [.read, .execute]
        func bits() -> Inode.Permission { one(of: [open, open, open, open, open, .execute, .read, []]) }
        var inode = Inode(
            owner: one(of: Vocabulary.readers + ["root", "root"]), group: one(of: Vocabulary.readerGroups), bits(),
            bits(), bits())
        if chance(3) {
            for reader in Vocabulary.readers where chance(3) { inode.acl.append(.user(reader, bits())) }
            for group in Vocabulary.readerGroups where chance(3) { inode.acl.append(.group(group, bits())) }
            // An ACL always has the entry of the owning group.
            inode.acl.append(.group(nil, bits()))
        }
        return inode
    }
}
