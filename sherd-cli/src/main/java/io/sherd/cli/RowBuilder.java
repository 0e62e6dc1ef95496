package io.sherd.cli;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Collects the cells of one row in any order and encodes them in the order of the columns. Meant to be used again for the
 * next row: a row costs one allocation, its own array.
 */
final class RowBuilder {
    private static final int VARINT_MAX = 10;

    private byte[] scratch = new byte[1024];
    private int used;
    private int[] starts = new int[16];
    private int[] ends = new int[16];
    private int cells;

    /** Forgets all cells. */
    void clear() {
        used = 0;
        cells = 0;
    }

    void setNull(int column) {
        begin(column, 1);
        scratch[used++] = (byte) Row.NULL;
        ends[column] = used;
    }

    /** A field of CSV, whose type {@link ColumnType#ofText} found. */
    void setText(int column, char[] text, int offset, int length, ColumnType type) {
        switch (type) {
            case INT64 -> setInteger(column, text, offset, length);
            case BOOL -> setBoolean(column, text[offset] == 't');
            case FLOAT64 -> setBytes(column, text, offset, length, false);
            case NULL, UTF8, JSON -> setBytes(column, text, offset, length, true);
        }
    }

    /** A string; its text is free of unpaired surrogates. */
    void setString(int column, String text) {
        setBytes(column, text.toCharArray(), 0, text.length(), true);
    }

    /** What JSON writes without quotes around it. */
    void setLiteral(int column, String text, ColumnType type) {
        char[] chars = text.toCharArray();
        switch (type) {
            case INT64 -> setInteger(column, chars, 0, chars.length);
            case BOOL -> setBoolean(column, chars[0] == 't');
            case NULL -> setNull(column);
            case FLOAT64, UTF8, JSON -> setBytes(column, chars, 0, chars.length, false);
        }
    }

    /** Takes over a cell whose type on its own is known. */
    void set(int column, Cell cell, ColumnType type) {
        switch (cell.kind()) {
            case MISSING -> {}
            case NULL -> setNull(column);
            case STRING -> setString(column, cell.text());
            case LITERAL -> setLiteral(column, cell.text(), type);
        }
    }

    /** Takes over a cell of another row. */
    void set(int column, Cell cell) {
        set(column, cell, cell.kind() == Cell.Kind.LITERAL ? ColumnType.ofText(cell.text()) : ColumnType.NULL);
    }

    Row build() {
        int length = varintSize(cells);
        for (int i = 0; i < cells; i++) {
            length += starts[i] < 0 ? 1 : ends[i] - starts[i];
        }
        byte[] row = new byte[length];
        int at = putVarint(row, 0, cells);
        for (int i = 0; i < cells; i++) {
            if (starts[i] < 0) {
                row[at++] = Row.MISSING;
            } else {
                int size = ends[i] - starts[i];
                System.arraycopy(scratch, starts[i], row, at, size);
                at += size;
            }
        }
        return new Row(row);
    }

    private void setInteger(int column, char[] text, int offset, int length) {
        begin(column, 1 + VARINT_MAX);
        boolean negative = text[offset] == '-';
        long value = 0; // counted down: the most negative long has no positive twin
        for (int i = negative ? offset + 1 : offset; i < offset + length; i++) {
            value = value * 10 - (text[i] - '0');
        }
        value = negative ? value : -value;
        scratch[used++] = (byte) Row.INTEGER;
        used = putVarint(scratch, used, (value << 1) ^ (value >> 63));
        ends[column] = used;
    }

    private void setBoolean(int column, boolean value) {
        begin(column, 1);
        scratch[used++] = (byte) (value ? Row.TRUE : Row.FALSE);
        ends[column] = used;
    }

    private void setBytes(int column, char[] text, int offset, int length, boolean string) {
        begin(column, 1 + VARINT_MAX + length);
        if (isAscii(text, offset, length)) {
            putHead(length, string);
            for (int i = 0; i < length; i++) {
                scratch[used++] = (byte) text[offset + i];
            }
        } else {
            byte[] utf8 = new String(text, offset, length).getBytes(StandardCharsets.UTF_8);
            reserve(1 + VARINT_MAX + utf8.length);
            putHead(utf8.length, string);
            System.arraycopy(utf8, 0, scratch, used, utf8.length);
            used += utf8.length;
        }
        ends[column] = used;
    }

    private void putHead(int length, boolean string) {
        if (length <= (string ? Row.SHORT_STRING_MAX : Row.SHORT_LITERAL_MAX)) {
            scratch[used++] = (byte) ((string ? Row.SHORT_STRING : Row.SHORT_LITERAL) + length);
        } else {
            scratch[used++] = (byte) (string ? Row.LONG_STRING : Row.LONG_LITERAL);
            used = putVarint(scratch, used, length);
        }
    }

    private void begin(int column, int bytes) {
        if (column >= starts.length) {
            int larger = Math.max(column + 1, starts.length * 2);
            starts = Arrays.copyOf(starts, larger);
            ends = Arrays.copyOf(ends, larger);
        }
        while (cells <= column) {
            starts[cells++] = -1;
        }
        reserve(bytes);
        starts[column] = used;
    }

    private void reserve(int bytes) {
        if (bytes > scratch.length - used) {
            scratch = Arrays.copyOf(
                    scratch, Math.max(Math.addExact(used, bytes), (int) Math.min(scratch.length * 2L, 1 << 30)));
        }
    }

    private static boolean isAscii(char[] text, int offset, int length) {
        int all = 0;
        for (int i = offset; i < offset + length; i++) {
            all |= text[i];
        }
        return all < 0x80;
    }

    private static int varintSize(long value) {
        return Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 6) / 7);
    }

    private static int putVarint(byte[] target, int offset, long value) {
        int at = offset;
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            target[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        target[at++] = (byte) rest;
        return at;
    }
}
