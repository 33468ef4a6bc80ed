package authorizer.crawler;

/** The first byte of every record. */
enum RecordType {
    READER(1),
    PERMISSION(2),
    DIRECTORY(3),
    FILE(4),
    SUBDIRECTORY(5),
    DIRECTORY_END(6),
    UNLISTED(7),
    PROGRESS(8),
    END(9),
    FAILURE(10);

    final int code;

    RecordType(int code) {
        this.code = code;
    }
}
