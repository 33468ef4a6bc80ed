package authorizer.crawler;

/** Why a crawl ended early. */
enum FailureKind {
    /** The credential could not log in. */
    LOGIN(1),
    /** HDFS did not answer as it should, for too long. */
    HDFS(2),
    /** What was computed from owner, group, mode and ACL is not what HDFS itself says. */
    DISAGREEMENT(3),
    /** The request, or this program. */
    CRAWLER(4);

    final int code;

    FailureKind(int code) {
        this.code = code;
    }
}
