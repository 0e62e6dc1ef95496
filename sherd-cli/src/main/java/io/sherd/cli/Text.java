package io.sherd.cli;

/** How values look in messages and in output for people. */
final class Text {
    private static final int EXCERPT = 60;

    private Text() {}

    /** The beginning of a text, in quotes and on one line. */
    static String excerpt(String text) {
        return excerpt(text, "\"");
    }

    /** The beginning of a JSON value, on one line. */
    static String excerptJson(Cell value) {
        return excerpt(value.toJson(), "");
    }

    private static String excerpt(String text, String quote) {
        if (text.length() <= EXCERPT) {
            return quote + visible(text) + quote;
        }
        int end = Character.isHighSurrogate(text.charAt(EXCERPT - 1)) ? EXCERPT - 1 : EXCERPT;
        return quote + visible(text.substring(0, end)) + "…" + quote + " (" + text.length() + " characters)";
    }

    /**
     * The text with backslashes and control characters escaped: one value stays on one line, and none of it speaks to the
     * terminal.
     */
    static String visible(String text) {
        int i = 0;
        while (i < text.length() && !isEscaped(text.charAt(i))) {
            i++;
        }
        if (i == text.length()) {
            return text;
        }
        var out = new StringBuilder(text.length() + 8).append(text, 0, i);
        for (; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (isEscaped(c)) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.toString();
    }

    private static boolean isEscaped(char c) {
        return c < 0x20 || c == '\\' || (c >= 0x7F && c < 0xA0);
    }
}
