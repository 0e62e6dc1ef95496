package io.sherd.cli;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the cells of a column mean. A cell keeps the text it came with, whatever the type: the type decides whether JSON
 * shows a number or a string, and which further cells fit. That is why a type can be widened after rows were stored
 * without touching one of them.
 */
enum ColumnType {
    /** No value seen yet. */
    NULL,
    /** {@code true} and {@code false}. */
    BOOL,
    /** Integers of 64 bits, written canonically: no plus sign, no leading zero. */
    INT64,
    /** Numbers as JSON writes them, within the range of a double. */
    FLOAT64,
    /** Text. */
    UTF8,
    /** Any JSON value, strings in quotes. */
    JSON;

    private static final int DIGITS_ALWAYS_SAFE = 18;

    /** The name in files and options. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static @Nullable ColumnType ofLabel(String label) {
        for (ColumnType type : values()) {
            if (type.label().equals(label)) {
                return type;
            }
        }
        return null;
    }

    /** Whether a cell of the given type may stand in a column of this type without changing it. */
    boolean admits(ColumnType cell) {
        return cell == NULL || cell == this || this == JSON || (this == FLOAT64 && cell == INT64);
    }

    /** The narrowest type for this column and one more CSV field. */
    ColumnType widenedByText(ColumnType cell) {
        return widened(cell, UTF8);
    }

    /** The narrowest type for this column and one more JSON value. */
    ColumnType widenedByJson(ColumnType cell) {
        return widened(cell, JSON);
    }

    private ColumnType widened(ColumnType cell, ColumnType anything) {
        if (admits(cell)) {
            return this;
        }
        return cell.admits(this) ? cell : anything;
    }

    /** The type of a CSV field on its own. An empty field has no type. */
    static ColumnType ofText(char[] text, int offset, int length) {
        if (length == 0) {
            return NULL;
        }
        char first = text[offset];
        if (first == '-' || (first >= '0' && first <= '9')) {
            return ofNumber(text, offset, length);
        }
        boolean word = first == 't' ? is("true", text, offset, length) : is("false", text, offset, length);
        return word ? BOOL : UTF8;
    }

    static ColumnType ofText(String text) {
        return ofText(text.toCharArray(), 0, text.length());
    }

    private static boolean is(String word, char[] text, int offset, int length) {
        if (word.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (text[offset + i] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The grammar of JSON numbers: what passes can be written into JSON as it is. Integers beyond 64 bits count as text,
     * since a reader that took them for doubles would get other integers.
     */
    private static ColumnType ofNumber(char[] text, int offset, int length) {
        int end = offset + length;
        int at = text[offset] == '-' ? offset + 1 : offset;
        int firstDigit = at;
        at = skipDigits(text, at, end);
        int digits = at - firstDigit;
        if (digits == 0 || (digits > 1 && text[firstDigit] == '0')) {
            return UTF8;
        }
        if (at == end) {
            if (text[firstDigit] == '0') {
                return firstDigit == offset ? INT64 : FLOAT64;
            }
            return digits <= DIGITS_ALWAYS_SAFE || fitsLong(text, offset, length) ? INT64 : UTF8;
        }
        if (text[at] == '.') {
            int fraction = at + 1;
            at = skipDigits(text, fraction, end);
            if (at == fraction) {
                return UTF8;
            }
        }
        if (at < end && (text[at] == 'e' || text[at] == 'E')) {
            at++;
            if (at < end && (text[at] == '+' || text[at] == '-')) {
                at++;
            }
            int exponent = at;
            at = skipDigits(text, exponent, end);
            if (at == exponent) {
                return UTF8;
            }
        }
        if (at != end) {
            return UTF8;
        }
        return Double.isInfinite(Double.parseDouble(new String(text, offset, length))) ? UTF8 : FLOAT64;
    }

    private static int skipDigits(char[] text, int from, int end) {
        int at = from;
        while (at < end && text[at] >= '0' && text[at] <= '9') {
            at++;
        }
        return at;
    }

    private static boolean fitsLong(char[] text, int offset, int length) {
        try {
            Long.parseLong(new String(text, offset, length));
            return true;
        } catch (NumberFormatException tooLarge) {
            return false;
        }
    }
}
