/// What a crawl found of a data source.
package struct Crawl: Equatable, Sendable {
    package struct File: Equatable, Sendable {
        package var isReadable: Bool
        package var changed: Instant

        package init(isReadable: Bool, changed: Instant) {
            (self.isReadable, self.changed) = (isReadable, changed)
        }
    }

    /// By canonical path.
    package var files: [Text: File] = [:]
    /// Who crawled, as the NameNode knows them.
    package var credential: Credential

    package init(by credential: Credential) { self.credential = credential }
}

package struct Credential: Equatable, Sendable {
    package var shortName: Text
    package var groups: [Text] = []
    package var isSuperuser = false

    package init(_ shortName: Text) { self.shortName = shortName }
}

/// A file or directory as HDFS keeps it.
package struct Inode: Equatable, Sendable {
    package struct Permission: OptionSet, Sendable {
        package let rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }
        package static let execute = Permission(rawValue: 1)
        package static let read = Permission(rawValue: 4)
    }

    /// An entry of the ACL; a group's without a name is that of the owning group.
    package enum Entry: Equatable, Sendable {
        case user(Text, Permission)
        case group(Text?, Permission)
    }

    package var owner: Text
    package var group: Text
    package var ofOwner: Permission
    /// Of the owning group; with an ACL, what all its entries are cut down to.
    package var ofGroup: Permission
    package var ofOthers: Permission
    package var acl: [Entry] = []

    package init(owner: Text, group: Text, _ ofOwner: Permission, _ ofGroup: Permission, _ ofOthers: Permission) {
        (self.owner, self.group) = (owner, group)
        (self.ofOwner, self.ofGroup, self.ofOthers) = (ofOwner, ofGroup, ofOthers)
    }
}

extension World {
    /// Rules 11 and 12.
    func catalogued(_ path: [Text], of source: DataSource, _ inodes: [Inode]?) -> Answer {
        if !settings.needsCatalogue {
            note(.noCatalogueNeeded)
            return Answer(.allow, .subscribed, source.name)
        }
        let otherwise = Answer(.native, .notInCatalogue, source.name)
        guard let crawl = crawls[source.name] else {
            note(.notCrawled)
            return otherwise
        }
        if let file = crawl.files[pathText(path)] {
            note(file.isReadable ? .fileReadable : .fileNotReadable)
            return file.isReadable ? Answer(.allow, .subscribed, source.name) : otherwise
        }
        note(.fileUnseen)
        guard let inodes else {
            note(.permissionsNotTold)
            return otherwise
        }
        return may(crawl.credential, readAlong: inodes) ? Answer(.allow, .subscribedUncrawled, source.name) : otherwise
    }

    /// Whether HDFS lets somebody read a file: every directory above is open to them, and the file.
    private func may(_ credential: Credential, readAlong inodes: [Inode]) -> Bool {
        if credential.isSuperuser {
            note(.credentialSuperuser)
            return true
        }
        for directory in inodes.dropLast() where !permission(credential, at: directory).contains(.execute) {
            note(.directoryClosed)
            return false
        }
        let isOpen = permission(credential, at: inodes[inodes.count - 1]).contains(.read)
        if !isOpen { note(.fileClosed) }
        return isOpen
    }

    /// HDFS's guide on permissions, "ACLs": the owner by the owner's bits; then an entry that names the user; then all
    /// entries of groups that the user is in, together; then the others' bits. All but the first and the last are cut
    /// down to the mask. Several groups: what one of them gives is enough, and who is in one is not among the others.
    private func permission(_ credential: Credential, at inode: Inode) -> Inode.Permission {
        if credential.shortName == inode.owner {
            note(.credentialOwner)
            return inode.ofOwner
        }
        if inode.acl.isEmpty {
            let isMember = credential.groups.contains(inode.group)
            note(isMember ? .credentialGroup : .credentialOther)
            return isMember ? inode.ofGroup : inode.ofOthers
        }
        for case .user(credential.shortName, let permission) in inode.acl {
            note(.credentialNamedInACL)
            return permission.intersection(inode.ofGroup)
        }
        var ofGroups: Inode.Permission?
        for case .group(let name, let permission) in inode.acl where credential.groups.contains(name ?? inode.group) {
            ofGroups = (ofGroups ?? []).union(permission.intersection(inode.ofGroup))
        }
        note(ofGroups == nil ? .credentialOtherWithACL : .credentialGroupInACL)
        return ofGroups ?? inode.ofOthers
    }
}
