package authorizer.crawler;

import java.io.IOException;

/** Records cannot be sent: whoever reads them has gone. Trying again is of no use. */
final class RecordException extends IOException {
    private static final long serialVersionUID = 1;

    RecordException(IOException cause) {
        super(cause);
    }
}
