/// The credential of a data source as the NameNode knows it, and what HDFS lets it do: the rules of Hadoop's
/// `FSPermissionChecker`, word by word.
package struct Credential: Sendable, Equatable {
    /// What the cluster's rules make of its principal, in UTF-8.
    package let shortName: [UInt8]
    /// By the NameNode's own mapping of users to groups.
    package let groups: Set<[UInt8]>
    package let isSuperuser: Bool

    package init(shortName: [UInt8], groups: Set<[UInt8]>, isSuperuser: Bool) {
        self.shortName = shortName
        self.groups = groups
        self.isSuperuser = isSuperuser
    }

    /// Whether HDFS lets the credential read the data of a file.
    ///
    /// - Parameter inodes: of every component of its path, from `/` to the file; none is nothing to read.
    package func mayRead(_ inodes: [InodePermission]) -> Bool {
        guard let file = inodes.last else { return false }
        if isSuperuser { return true }
        return inodes.dropLast().allSatisfy { may(.execute, $0) } && may(.read, file)
    }

    private func may(_ access: InodePermission.Access, _ inode: InodePermission) -> Bool {
        if shortName == inode.owner { return inode.mode >> 6 & access.rawValue != 0 }
        guard inode.entries.isEmpty else { return mayByEntries(access, inode) }
        return (groups.contains(inode.group) ? inode.mode >> 3 : inode.mode) & access.rawValue != 0
    }

    /// With an ACL the group bits of the mode are its mask, and the other bits count only where no entry matches.
    private func mayByEntries(_ access: InodePermission.Access, _ inode: InodePermission) -> Bool {
        var isMatched = false
        for entry in inode.entries where concerns(entry, inode) {
            isMatched = true
            if inode.mode >> 3 & entry.permission & access.rawValue != 0 { return true }
            if entry.kind == .user { return false }
        }
        return !isMatched && inode.mode & access.rawValue != 0
    }

    private func concerns(_ entry: InodePermission.Entry, _ inode: InodePermission) -> Bool {
        switch entry.kind {
        case .user: entry.name == shortName
        case .group: groups.contains(entry.name.isEmpty ? inode.group : entry.name)
        }
    }
}

/// Who may do what with one file or directory, as HDFS keeps it.
package struct InodePermission: Sendable, Equatable {
    /// As in `rwx`.
    package enum Access: UInt16, Sendable {
        case execute = 1
        case read = 4
    }

    /// An entry of the access ACL. The owner's, the mask and the others' are in the mode.
    package struct Entry: Sendable, Equatable {
        package enum Kind: UInt8, Sendable {
            case user = 0
            case group = 1
        }

        package var kind: Kind
        /// Empty for the owning group.
        package var name: [UInt8]
        /// Three bits, before the mask.
        package var permission: UInt16

        package init(kind: Kind, name: [UInt8], permission: UInt16) {
            self.kind = kind
            self.name = name
            self.permission = permission
        }
    }

    package var owner: [UInt8]
    package var group: [UInt8]
    /// Nine permission bits and the sticky bit.
    package var mode: UInt16
    package var entries: [Entry]

    package init(owner: [UInt8], group: [UInt8], mode: UInt16, entries: [Entry] = []) {
        self.owner = owner
        self.group = group
        self.mode = mode
        self.entries = entries
    }
}
