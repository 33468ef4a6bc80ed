import Foundation

/// Names the start of the machine: what the monotonic clock counts from.
enum BootIdentity {
    /// As the kernel has it; another text for every process where it has none, so that no clock is trusted across it.
    static var current: String {
        let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        return text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? UUID().uuidString
    }
}
