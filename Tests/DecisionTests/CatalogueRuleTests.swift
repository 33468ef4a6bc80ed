import Catalogue
import Policy
import Testing

@testable import Decision

@Suite("Rules 11 and 12: the catalogue")
struct CatalogueRuleTests {
    private let desk = Desk(
        policies(
            settings: Settings(), users: [User(name: "ann", principal: "ann@R")],
            sources: [
                source("sales", "/sales", owner: "etl@R"), source("sub", "/sales/sub", "/both"), source("b", "/both"),
            ]))

    init() {
        desk.catalogue = CatalogueView([
            0: files(["/sales/yes": .readable, "/sales/no": .notReadable]), 2: files(["/both/f": .readable]),
        ])
    }

    @Test(arguments: [
        ("/sales/yes", Outcome(.allow, .subscribed)), ("/sales/no", Outcome(.native, .notInCatalogue)),
        ("/sales/new", Outcome(.native, .notInCatalogue)), ("/sales/.snapshot/s/yes", Outcome(.allow, .subscribed)),
        ("/sales//yes/", Outcome(.allow, .subscribed)), ("/sales/sub/f", Outcome(.native, .notInCatalogue)),
    ])
    func fileCountsIfTheCrawlFoundItReadable(path: String, outcome: Outcome) {
        #expect(desk.read(path, as: "ann@R").outcome == outcome)
    }

    @Test func whereTwoDataSourcesCoverBothCatalogues() {
        #expect(desk.read("/both/f", as: "ann@R").outcome == Outcome(.native, .notInCatalogue))
        desk.catalogue.dataSources[1] = files(["/both/f": .readable])
        #expect(desk.read("/both/f", as: "ann@R").outcome == Outcome(.allow, .subscribed))
    }

    @Test func traversalNeedsNoCatalogue() {
        #expect(desk.traverse("/sales/new/deep", as: "ann@R").verdict == .allow)
        #expect(desk.traverse("/sales/no", as: "ann@R").verdict == .allow)
    }

    @Test func withoutTheNeedForACatalogueEveryCoveredFileCounts() {
        desk.snapshot = policies(
            settings: Settings(catalogue: .none), users: [User(name: "ann")], sources: [source("sales", "/sales")])
        #expect(desk.read("/sales/new", as: "ann@R").outcome == Outcome(.allow, .subscribed))
    }

    @Test func explanationSaysWhatTheCrawlFound() {
        let steps = desk.explain("/sales/no", as: "ann@R")
        #expect(steps.contains { $0.rule == 11 && $0.words.contains("cannot read it") })
        #expect(steps.last?.rule == 12)
        #expect(desk.explain("/sales/sub/f", as: "ann@R").contains { $0.words.contains("has not been crawled") })
    }

    private func files(_ states: [String: FileState]) -> DataSourceFiles {
        DataSourceFiles(
            FileTable(
                states.map { path, state in
                    let bytes = Array(path.utf8)
                    return FileTable.Item(path: bytes.span, state: state, modificationTime: 0)
                }))
    }
}
