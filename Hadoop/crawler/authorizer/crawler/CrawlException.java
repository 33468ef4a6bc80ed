package authorizer.crawler;

/** Ends a crawl; the message says why. */
final class CrawlException extends Exception {
    private static final long serialVersionUID = 1;

    final FailureKind kind;

    CrawlException(FailureKind kind, String message) {
        super(message);
        this.kind = kind;
    }
}
