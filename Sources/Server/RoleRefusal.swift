/// Somebody asked for what neither their role nor their proof covers. Whoever answers them with it records it.
struct RoleRefusal: Error, CustomStringConvertible {
    /// In words: what was asked in vain, and what to do.
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
