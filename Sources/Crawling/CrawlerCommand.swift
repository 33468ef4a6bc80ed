import Foundation

/// How the crawler is started: which Java, with which Hadoop.
package struct CrawlerCommand: Sendable {
    /// Path of the `java` program.
    package var java: String
    /// Path of the crawler's jar.
    package var jar: String
    /// What `hadoop classpath` prints: Hadoop's configuration and jars.
    package var classPath: String
    /// Further options of the JVM.
    package var javaOptions: [String]
    /// The most memory of the JVM's heap, in MiB.
    package var heapMegabytes: Int

    package init(java: String, jar: String, classPath: String, javaOptions: [String] = [], heapMegabytes: Int = 256) {
        self.java = java
        self.jar = jar
        self.classPath = classPath
        self.javaOptions = javaOptions
        self.heapMegabytes = heapMegabytes
    }

    var arguments: [String] {
        var arguments = [java, "-Xmx\(heapMegabytes)m", "-XX:+UseSerialGC", "-Djava.net.preferIPv4Stack=true"]
        // Java does not look at the variable by which everything else of Kerberos finds its configuration.
        if let file = ProcessInfo.processInfo.environment["KRB5_CONFIG"] {
            arguments.append("-Djava.security.krb5.conf=\(file)")
        }
        return arguments + javaOptions + ["-cp", "\(jar):\(classPath)", "authorizer.crawler.Crawler"]
    }
}
