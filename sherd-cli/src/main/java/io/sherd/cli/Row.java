package io.sherd.cli;

import io.sherd.codec.Codec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The cells of one row beside the key, as bytes.
 *
 * <p>A row is a varint, the number of cells that follow, and the cells in the order of the schema's columns. The key's own
 * column holds a missing cell. Missing cells at the end are left off, so a column that is added later costs old rows
 * nothing. A cell starts with one byte:
 *
 * <pre>
 *   0x00 missing      0x01 null      0x02 true      0x03 false
 *   0x04 an integer: a zigzag varint follows
 *   0x05 a string    0x06 a literal: a varint, the number of bytes of UTF-8, follows, and then these bytes
 *   0x10–0x7F a string of 0–111 bytes, which follow
 *   0x80–0xFF a literal of 0–127 bytes, which follow
 * </pre>
 *
 * Each cell has one encoding, so equal rows have equal bytes.
 */
final class Row {
    static final int MISSING = 0x00;
    static final int NULL = 0x01;
    static final int TRUE = 0x02;
    static final int FALSE = 0x03;
    static final int INTEGER = 0x04;
    static final int LONG_STRING = 0x05;
    static final int LONG_LITERAL = 0x06;
    static final int SHORT_STRING = 0x10;
    static final int SHORT_LITERAL = 0x80;
    static final int SHORT_STRING_MAX = SHORT_LITERAL - SHORT_STRING - 1;
    static final int SHORT_LITERAL_MAX = 0xFF - SHORT_LITERAL;

    static final Codec<Row> CODEC = new RowCodec();

    private final byte[] bytes;

    /** Keeps the array: the caller must not change it any more. */
    Row(byte[] bytes) {
        this.bytes = bytes;
    }

    int size() {
        return bytes.length;
    }

    /**
     * Reads the cells.
     *
     * @param columns how many to give back; those that the row does not have are missing
     * @throws IllegalArgumentException if the bytes are no row, or one of more columns
     */
    Cell[] cells(int columns) {
        Cell[] cells = new Cell[columns];
        Arrays.fill(cells, Cell.MISSING);
        var in = new Cursor(bytes);
        long count = in.varint();
        if (count < 0 || count > columns) {
            throw new IllegalArgumentException("the row has " + count + " cells, the schema " + columns + " columns");
        }
        for (int i = 0; i < count; i++) {
            cells[i] = in.cell();
        }
        if (in.at != bytes.length) {
            throw new IllegalArgumentException((bytes.length - in.at) + " bytes follow the last cell");
        }
        return cells;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Row row && Arrays.equals(bytes, row.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "Row[" + bytes.length + " bytes]";
    }

    private static final class Cursor {
        private final byte[] bytes;
        private int at;

        Cursor(byte[] bytes) {
            this.bytes = bytes;
        }

        Cell cell() {
            int tag = next();
            return switch (tag) {
                case MISSING -> Cell.MISSING;
                case NULL -> Cell.NULL;
                case TRUE -> new Cell(Cell.Kind.LITERAL, "true");
                case FALSE -> new Cell(Cell.Kind.LITERAL, "false");
                case INTEGER -> {
                    long zigzag = varint();
                    yield new Cell(Cell.Kind.LITERAL, Long.toString((zigzag >>> 1) ^ -(zigzag & 1)));
                }
                case LONG_STRING -> new Cell(Cell.Kind.STRING, text(varint()));
                case LONG_LITERAL -> new Cell(Cell.Kind.LITERAL, text(varint()));
                default -> {
                    if (tag >= SHORT_LITERAL) {
                        yield new Cell(Cell.Kind.LITERAL, text(tag - SHORT_LITERAL));
                    }
                    if (tag >= SHORT_STRING) {
                        yield new Cell(Cell.Kind.STRING, text(tag - SHORT_STRING));
                    }
                    throw new IllegalArgumentException("no cell starts with byte " + tag);
                }
            };
        }

        private String text(long length) {
            if (length < 0 || length > bytes.length - at) {
                throw new IllegalArgumentException(
                        "a cell of " + length + " bytes, with " + (bytes.length - at) + " left");
            }
            try {
                String text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes, at, (int) length))
                        .toString();
                at += (int) length;
                return text;
            } catch (CharacterCodingException broken) {
                throw new IllegalArgumentException("a cell is not UTF-8", broken);
            }
        }

        long varint() {
            long value = 0;
            for (int shift = 0; shift < Long.SIZE; shift += 7) {
                int b = next();
                value |= (long) (b & 0x7F) << shift;
                if (b < 0x80) {
                    return value;
                }
            }
            throw new IllegalArgumentException("a number of more than 64 bits");
        }

        private int next() {
            if (at == bytes.length) {
                throw new IllegalArgumentException("the row ends too early");
            }
            return bytes[at++] & 0xFF;
        }
    }

    private static final class RowCodec implements Codec<Row> {
        @Override
        public String identity() {
            return "sherd-row/1";
        }

        @Override
        public int size(Row row) {
            return row.bytes.length;
        }

        @Override
        public void encode(Row row, MemorySegment target) {
            MemorySegment.copy(row.bytes, 0, target, ValueLayout.JAVA_BYTE, 0, row.bytes.length);
        }

        @Override
        public Row decode(MemorySegment source) {
            return new Row(source.toArray(ValueLayout.JAVA_BYTE));
        }
    }
}
