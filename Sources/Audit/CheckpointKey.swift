import Crypto
import Foundation

/// The Ed25519 key that checkpoints are signed with: 32 bytes in Base64 in a file that only the service can read.
package struct CheckpointKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// Makes a new one.
    package init() {
        key = Curve25519.Signing.PrivateKey()
    }

    /// Reads the key in a file.
    ///
    /// - Throws: ``JournalError`` if it cannot be read, is no key, or others can read it.
    package init(file path: String) throws {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw JournalError(
                "the key `\(path)` cannot be read; make it, as the service's user, with `authorizer audit key`")
        }
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? 0
        guard mode & 0o077 == 0 else {
            throw JournalError(
                "others than its owner may read the key `\(path)`; `chmod 0600` it, and if they did, make a new one")
        }
        guard let bytes = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
        else { throw JournalError("`\(path)` is no key that `authorizer audit key` made") }
        self.key = key
    }

    /// Writes the key to a file that is not there yet, with mode 0600.
    package func write(to path: String) throws(FileError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw FileError(call: "open", path: path, code: errno) }
        defer { close(descriptor) }
        let text = Array("\(key.rawRepresentation.base64EncodedString())\n".utf8)
        guard text.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == text.count,
            fsync(descriptor) == 0
        else { throw FileError(call: "write", path: path, code: errno) }
    }

    package var publicKey: CheckpointPublicKey { CheckpointPublicKey(key: key.publicKey) }

    func signature(for message: [UInt8]) throws -> Data {
        try key.signature(for: message)
    }
}

/// The part of the key that checkpoints are verified with. It is no secret.
package struct CheckpointPublicKey: Sendable, CustomStringConvertible {
    fileprivate let key: Curve25519.Signing.PublicKey

    fileprivate init(key: Curve25519.Signing.PublicKey) {
        self.key = key
    }

    /// - Parameter text: 32 bytes in Base64, as ``description`` gives them.
    /// - Throws: ``JournalError`` if it is something else.
    package init(_ text: String) throws {
        guard let bytes = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        else {
            throw JournalError("`\(text)` is no public key; it is 44 characters that `authorizer audit key` prints")
        }
        self.key = key
    }

    package var description: String { key.rawRepresentation.base64EncodedString() }

    func isValid(_ signature: Data, for message: [UInt8]) -> Bool {
        key.isValidSignature(signature, for: message)
    }
}
