// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
    name: "authorizer",
    products: [
        .executable(name: "authorizer", targets: ["authorizer"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Who asks: Kerberos principals and the short names that Hadoop makes of them.
        .systemLibrary(name: "CKerberos", providers: [.apt(["libkrb5-dev"])]),
        .target(name: "Identity", dependencies: ["CKerberos", "Wording"], swiftSettings: strict),

        // Who can prove it: Kerberos service tickets, by the service and by those who show them to it.
        .systemLibrary(name: "CGSSAPI", providers: [.apt(["libkrb5-dev"])]),
        .target(name: "Tickets", dependencies: ["CGSSAPI", "Identity"], swiftSettings: strict),

        // How messages show what somebody else wrote.
        .target(name: "Wording", swiftSettings: strict),

        // YAML read so that every error has its file, line and field, and nothing is guessed.
        .target(
            name: "StrictYAML", dependencies: ["Wording", .product(name: "Yams", package: "Yams")],
            swiftSettings: strict),

        // What administrators say: users, data sources, subscriptions; and the files that they say it in.
        .target(
            name: "Policy", dependencies: ["StrictYAML", "Wording", .product(name: "Yams", package: "Yams")],
            swiftSettings: strict),

        // Grants: what one is, whose it is, how long it counts. No disk, clock or thread.
        .target(
            name: "Grants",
            dependencies: [
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HashTreeCollections", package: "swift-collections"),
            ],
            swiftSettings: strict),

        // The answer: the rules in their order over an immutable snapshot. No socket, clock, database or thread.
        .target(
            name: "Decision",
            dependencies: [
                "Catalogue", "Grants", "Policy",
                .product(name: "HashTreeCollections", package: "swift-collections"),
            ],
            swiftSettings: strict),

        // Where policies are kept, and grants.
        .target(
            name: "Storage",
            dependencies: ["Grants", "Policy", "Wording", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),

        // The checksum and the hash of records, by the processor's own instructions.
        .target(name: "CChecksum", linkerSettings: [.linkedLibrary("crypto")]),

        // Compression of the segments of the journal that get no more records.
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),

        // Which files each data source holds, in the form that decisions need. No disk, no lock.
        .target(name: "Catalogue", swiftSettings: strict),

        // How that is found out: crawls of HDFS, as jobs, and what they found, on disk.
        .target(
            name: "Crawling",
            dependencies: [
                "Catalogue", "Identity", "Wording",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),

        // What was answered: the journal that answers wait for, and the index that is asked.
        .target(
            name: "Audit",
            dependencies: [
                "CChecksum", "CZstd", "Decision",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),

        // How it is asked: frames on a socket.
        .target(
            name: "Wire",
            dependencies: ["Catalogue", "Decision", "Grants", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: strict),

        // What administrators ask of the service, and what it answers.
        .target(
            name: "Administration",
            dependencies: ["Audit", "Crawling", "Decision", "Grants", "Policy", "StrictYAML", "Tickets", "Wire"],
            swiftSettings: strict),

        // TLS for what is sent on.
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),

        // Sends audit records on, to whoever collects them.
        .target(
            name: "Shipping",
            dependencies: ["Administration", "Audit", "COpenSSL", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict),

        // glibc's malloc.h, to give memory back.
        .systemLibrary(name: "CAllocator"),

        // The service: socket, peers, roles, and the engine that joins the rooms above.
        .target(
            name: "Server",
            dependencies: [
                "Administration", "Audit", "CAllocator", "Catalogue", "Crawling", "Decision", "Grants", "Identity",
                "Policy", "Shipping", "Storage", "StrictYAML", "Tickets", "Wire", "Wording",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),

        // Which Spark is installed, and what it has to be told. Starts nothing.
        .target(name: "SparkConfiguration", dependencies: ["Wording"], swiftSettings: strict),

        // The command line.
        .executableTarget(
            name: "authorizer",
            dependencies: [
                "Administration", "Audit", "Crawling", "Decision", "Grants", "Policy", "Server",
                "SparkConfiguration", "Storage", "StrictYAML", "Wording",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Sources/AuthorizerCommand",
            swiftSettings: strict),

        // Writes and asks a journal as large as one likes, and says what that takes.
        .executableTarget(
            name: "audit-bench", dependencies: ["Audit", "Decision"], path: "Tools/support/bench/audit",
            swiftSettings: strict),

        // What the catalogue costs, by the number of files.
        .executableTarget(
            name: "catalogue-bench", dependencies: ["Catalogue"], path: "Tools/support/bench/catalogue",
            swiftSettings: strict),

        // What the cover costs, by the number of data sources.
        .executableTarget(
            name: "cover-bench", dependencies: ["Decision"], path: "Tools/support/bench/cover", swiftSettings: strict),

        // The service, with less than its whole audit where that is to be measured.
        .executableTarget(
            name: "measured-service",
            dependencies: [
                "Server", .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Tools/support/bench/measured", swiftSettings: strict),

        // Random cases that a seed repeats, for the tests below.
        .target(name: "RandomNumbers", path: "Tests/RandomNumbers", swiftSettings: strict),
        // What is answered, once more: slow, plain, from the documents, without a line of the product.
        .target(name: "ReferenceModel", path: "Tests/ReferenceModel", swiftSettings: strict),
        // Random worlds for product and model, and how a failing case is made small.
        .target(
            name: "RandomWorlds", dependencies: ["RandomNumbers", "ReferenceModel"], path: "Tests/RandomWorlds",
            swiftSettings: strict),
        .testTarget(name: "IdentityTests", dependencies: ["Identity"], exclude: ["Golden"], swiftSettings: strict),
        .testTarget(name: "TicketsTests", dependencies: ["Tickets"], swiftSettings: strict),
        .testTarget(name: "PolicyTests", dependencies: ["Policy", "StrictYAML", "Wording"], swiftSettings: strict),
        .testTarget(
            name: "DecisionTests", dependencies: ["Catalogue", "Decision", "RandomNumbers"], swiftSettings: strict),
        .testTarget(name: "GrantsTests", dependencies: ["Grants", "RandomNumbers"], swiftSettings: strict),
        .testTarget(name: "StorageTests", dependencies: ["Grants", "Storage"], swiftSettings: strict),
        .testTarget(name: "CatalogueTests", dependencies: ["Catalogue", "RandomNumbers"], swiftSettings: strict),
        .testTarget(
            name: "CrawlingTests", dependencies: ["Catalogue", "Crawling", "RandomNumbers"], swiftSettings: strict),
        .testTarget(
            name: "AuditTests",
            dependencies: ["Audit", "RandomNumbers", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .testTarget(name: "ShippingTests", dependencies: ["Audit", "Decision", "Shipping"], swiftSettings: strict),
        .testTarget(name: "WireTests", dependencies: ["Grants", "RandomNumbers", "Wire"], swiftSettings: strict),
        .testTarget(
            name: "ServerTests", dependencies: ["Catalogue", "Grants", "Server", "Storage"], swiftSettings: strict),
        .testTarget(
            name: "SparkConfigurationTests", dependencies: ["SparkConfiguration"], swiftSettings: strict),
        .testTarget(
            name: "ModelTests",
            dependencies: ["Catalogue", "RandomNumbers", "RandomWorlds", "ReferenceModel", "Server"],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
