import Glibc

/// How much less of a busy processor threads get than those that answer: their niceness.
///
/// Where there are few cores, the bursts of such threads would push those who ask, and the thread that answers them, off
/// theirs.
enum StandingBack: Int32 {
    /// Of the thread behind the journal, which answers wait for where it falls far behind. In return a sync may be late
    /// by some milliseconds on a host that has no idle core.
    case audit = 10
    /// Of those that look through the journal for somebody, who waits: on a host whose cores are all busy they get a third
    /// of what others do.
    case query = 5

    /// Lets the calling thread stand back, for good.
    func begin() {
        // For this thread alone, as Linux has it. Where that is not allowed it only costs time.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, rawValue)
    }
}
