import Administration
import Catalogue
import Decision
import NIOCore
import RandomWorlds
import ReferenceModel

// The model's words in those of the product, and the other way round.

extension Settings {
    init(_ settings: DecisionSettings) {
        self.init(
            unmapped: settings.deniesUnmapped ? .deny : .native, allow: settings.intersects ? .intersect : .override,
            catalogue: settings.needsCatalogue ? .required : .none)
    }
}

extension ReferenceModel.Answer {
    /// An answer in the words of the product. A reason that no random world has, such as `unavailable`, stops the test.
    init(verdict: String, reason: String, dataSource: String?) {
        self.init(Verdict(rawValue: verdict)!, Reason(rawValue: reason)!, dataSource.map { Text($0) })
    }
}

extension StateRequest {
    init(_ command: ReferenceModel.Command) {
        switch command {
        case .switchProject(let user, let project):
            self = .switchProject(user: user.description, project: project?.description)
        case .acknowledge(let one): self = .acknowledge(one, withdraw: false)
        case .withdraw(let one): self = .acknowledge(one, withdraw: true)
        case .request(let one):
            self = .request(user: one.user.description, dataSource: one.dataSource.description, because: nil)
        case .withdrawRequest(let one):
            self = .withdraw(user: one.user.description, dataSource: one.dataSource.description)
        case .deny(let one):
            self = .deny(user: one.user.description, dataSource: one.dataSource.description, because: nil)
        case .approve(let one, let span):
            self = .approve(
                user: one.user.description, dataSource: one.dataSource.description, span: span.map { "\($0)s" },
                until: nil)
        case .revoke(let one): self = .revoke(user: one.user.description, dataSource: one.dataSource.description)
        }
    }

    private static func acknowledge(_ one: Acknowledgement, withdraw: Bool) -> StateRequest {
        .acknowledge(
            user: one.user.description, project: one.project.description, purpose: one.purpose.description,
            withdraw: withdraw)
    }
}

extension DataSourceFiles {
    convenience init(_ crawl: Crawl) {
        let items = crawl.files.map { path, file in
            FileTable.Item(
                path: path.bytes.span, state: file.isReadable ? .readable : .notReadable,
                modificationTime: file.changed)
        }
        let credential = Catalogue.Credential(
            shortName: crawl.credential.shortName.bytes, groups: Set(crawl.credential.groups.map(\.bytes)),
            isSuperuser: crawl.credential.isSuperuser)
        self.init(FileTable(items), credential: credential)
    }
}

extension ByteBuffer {
    /// A question as `docs/wire.md` has it. Written here, since its texts need not be text.
    ///
    /// - Parameter tells: whether the permissions are told, where there are some; else they are only offered.
    mutating func write(_ question: Question, tells: Bool) {
        let (offers, permissions, destination): (UInt8, UInt8, UInt8) = (16, 32, 2)
        switch question.operation {
        case .read: writeMultipleIntegers(UInt8(1), question.inodes == nil ? 0 : tells ? permissions : offers)
        case .traverse: writeMultipleIntegers(UInt8(2), UInt8(0))
        case .move: writeMultipleIntegers(UInt8(3), destination)
        }
        write(question.principal)
        write(question.path)
        if case .move(let destination) = question.operation { write(destination) }
        guard question.operation == .read, tells, let inodes = question.inodes else { return }
        writeInteger(UInt16(inodes.count))
        for inode in inodes { write(inode) }
    }

    private mutating func write(_ text: Text) {
        writeInteger(UInt16(text.bytes.count))
        writeBytes(text.bytes)
    }

    private mutating func write(_ inode: Inode) {
        write(inode.owner)
        write(inode.group)
        writeInteger(inode.ofOwner.rawValue << 6 | inode.ofGroup.rawValue << 3 | inode.ofOthers.rawValue)
        writeInteger(UInt16(inode.acl.count))
        for entry in inode.acl {
            switch entry {
            case .user(let name, let permission):
                writeMultipleIntegers(UInt8(0), UInt8(permission.rawValue))
                write(name)
            case .group(let name, let permission):
                writeMultipleIntegers(UInt8(1), UInt8(permission.rawValue))
                write(name ?? "")
            }
        }
    }
}
