import ReferenceModel

extension Scenario: CustomStringConvertible {
    /// The scenario for people: the policies as YAML, the state, the settings, and what happens.
    package var description: String {
        var lines = ["policies:"] + start.policies.yaml.split(separator: "\n").map { "  \($0)" }
        lines += start.state.lines + start.crawlLines + start.settings.lines + start.naming.lines
        lines.append("clock: \(rfc3339(clock.wall))")
        return (lines + steps.flatMap(\.lines)).joined(separator: "\n")
    }
}

extension State {
    fileprivate var lines: [String] {
        currentProject.sorted { $0.key < $1.key }.map { "state: `\($0)` acts under `\($1)`" }
            + acknowledgements.map { "state: `\($0.user)` has acknowledged `\($0.purpose)` in `\($0.project)`" }
            + requests.map { "state: `\($0.user)` asks to be subscribed to `\($0.dataSource)`" }
            + approvals.map { one in
                let until = one.until.map { " until \(rfc3339($0))" } ?? ""
                return "state: `\(one.user)` is approved for `\(one.dataSource)`\(until)"
            }
    }
}

extension World {
    fileprivate var crawlLines: [String] {
        crawls.sorted { $0.key < $1.key }.map { "catalogue of `\($0)`: \($1)" }
    }
}

extension Crawl: CustomStringConvertible {
    package var description: String {
        let all = files.sorted { $0.key < $1.key }.map { path, file in
            "`\(path.spelledOut)` \(file.isReadable ? "readable" : "not readable") \(rfc3339(file.changed))"
        }
        return "by \(credential): \(all.isEmpty ? "nothing" : all.joined(separator: ", "))"
    }
}

extension Credential: CustomStringConvertible {
    package var description: String {
        "`\(shortName)`" + (groups.isEmpty ? "" : " in \(groups.map { "`\($0)`" }.joined(separator: ", "))")
            + (isSuperuser ? ", a superuser" : "")
    }
}

extension DecisionSettings {
    fileprivate var lines: [String] {
        (deniesUnmapped ? ["settings: unmapped: deny"] : []) + (intersects ? ["settings: allow: intersect"] : [])
            + (needsCatalogue ? [] : ["settings: catalogue: none"])
    }
}

extension Naming {
    fileprivate var lines: [String] {
        guard self != Naming() else { return [] }
        let endings = endings.map { "\($0) -> `\($1)`" }.sorted().joined(separator: ", ")
        return ["settings: realms, and what short names get for them: \(endings)"]
            + (ignoresCase ? ["settings: principal-case: insensitive"] : [])
    }
}

extension Step {
    fileprivate var lines: [String] {
        switch self {
        case .wait(let time): return ["then: \(time) ms pass"]
        case .setClock(let time): return ["then: the wall clock is set by \(time) ms"]
        case .apply(let edit), .applyAnew(let edit):
            let anew = self == .applyAnew(edit) ? ", everything read anew" : ""
            return ["then: apply\(edit.needsPrune ? " --prune, with" : "")\(anew)"]
                + edit.put.yaml.split(separator: "\n").map { "  \($0)" }
                + edit.removed.map { "  and without the \($0.kind.rawValue) `\($0.name)`" }
                + (edit.replacesIgnoredUsers && edit.put.ignoredUsers.isEmpty ? ["  and without ignored users"] : [])
        case .rollBack(let policies):
            return ["then: rollback to"] + policies.yaml.split(separator: "\n").map { "  \($0)" }
        case .perform(let command): return ["then: \(command)"]
        case .crawl(let source, let crawl):
            return ["then: catalogue of `\(source)`: \(crawl.map { "\($0)" } ?? "none")"]
        case .restart(let naming, let settings):
            return ["then: restart"] + (naming.lines + settings.lines).map { "  \($0)" }
        case .flushCache: return ["then: cache flush"]
        case .ask(let questions): return questions.map { "then: \($0)" }
        case .check(let question): return ["then: check \(question)"]
        case .explain(let principal, let source): return ["then: explain `\(principal.spelledOut)` `\(source)`"]
        case .whoCanRead(let path): return ["then: who-can-read `\(path.spelledOut)`"]
        }
    }
}

extension Question: CustomStringConvertible {
    package var description: String {
        let (who, what) = ("`\(principal.spelledOut)`", "`\(path.spelledOut)`")
        switch operation {
        case .read:
            let told = inodes.map { " (\($0.map { "\($0)" }.joined(separator: " / ")))" } ?? ""
            return "\(who) reads \(what)\(told)"
        case .traverse: return "\(who) passes through \(what)"
        case .move(let destination): return "\(who) moves \(what) to `\(destination.spelledOut)`"
        }
    }
}

extension Inode: CustomStringConvertible {
    package var description: String {
        let mode = [ofOwner, ofGroup, ofOthers].map { String($0.rawValue) }.joined()
        let entries = acl.map { entry in
            switch entry {
            case .user(let name, let permission): "user:\(name):\(permission.rawValue)"
            case .group(let name, let permission): "group:\(name?.description ?? ""):\(permission.rawValue)"
            }
        }
        return (["\(owner):\(group) \(mode)"] + entries).joined(separator: " ")
    }
}
