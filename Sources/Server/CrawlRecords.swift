import Administration
import Crawling
import Wording

extension Crawl {
    /// What the audit says of a crawl that is over.
    var record: String {
        let about = "crawl \(id) of `\(dataSource)` (\(quoted(scope.words)); \(cause.rawValue)) \(state.rawValue)"
        switch state {
        case .done: return "\(about): \(files) files, \(change?.words ?? "applied before")"
        case .failed: return "\(about): \(failure.map { quoted($0.message) } ?? "")"
        default: return about
        }
    }
}

extension CrawlCommand {
    /// What the audit says of a command; `nil` for one that only looks.
    var record: String? {
        switch self {
        case .recrawl(let request):
            let what = request.names.map { $0.map(quoted).joined(separator: ", ") } ?? "all data sources"
            return "recrawl of \(what)\(request.path.map { ", \(quoted($0))" } ?? "")"
        case .cancel(let id): return "crawl cancel \(id)"
        case .list, .show, .history, .dataSources: return nil
        }
    }
}
