package authorizer.crawler;

/** What exceptions say. */
final class Words {
    private static final int MOST = 2000;

    private Words() {}

    /** The messages of an exception and of its causes, without what is said twice, on one line. */
    static String of(Throwable error) {
        StringBuilder words = new StringBuilder();
        for (Throwable cause = error; cause != null && words.length() < MOST; cause = cause.getCause()) {
            String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : firstLine(cause.getMessage());
            if (cause instanceof RuntimeException && cause.getMessage() != null) {
                // Its message alone may be a bare number or name.
                message = cause.getClass().getSimpleName() + ": " + message;
            }
            if (words.indexOf(message) < 0) {
                words.append(words.length() == 0 ? "" : ": ").append(message);
            }
        }
        return words.length() > MOST ? words.substring(0, MOST) : words.toString();
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return (end < 0 ? text : text.substring(0, end)).trim();
    }
}
