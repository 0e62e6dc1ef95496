package io.sherd.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RowTest {
    private static Cell string(String text) {
        return new Cell(Cell.Kind.STRING, text);
    }

    private static Cell literal(String text) {
        return new Cell(Cell.Kind.LITERAL, text);
    }

    private static Row row(Cell... cells) {
        var builder = new RowBuilder();
        for (int i = 0; i < cells.length; i++) {
            builder.set(i, cells[i]);
        }
        return builder.build();
    }

    @Test
    void everyKindOfCellComesBack() {
        Cell[] cells = {
            Cell.NULL,
            Cell.MISSING,
            string(""),
            string("1"),
            string("x".repeat(111)),
            string("x".repeat(112)),
            string("ü".repeat(56)),
            string("\uD83C\uDFFA".repeat(5000)),
            literal("true"),
            literal("false"),
            literal("0"),
            literal("-1"),
            literal("9223372036854775807"),
            literal("-9223372036854775808"),
            literal("-0"),
            literal("1.50"),
            literal("[" + "1,".repeat(63) + "1]"),
            literal("[" + "1,".repeat(64) + "1]"),
            literal("{\"ü\":1}")
        };
        assertThat(row(cells).cells(cells.length)).containsExactly(cells);
    }

    @Test
    void missingCellsAtTheEndCostNothing() {
        assertThat(row(Cell.NULL).cells(3)).containsExactly(Cell.NULL, Cell.MISSING, Cell.MISSING);
        assertThat(row(Cell.NULL, Cell.MISSING)).isEqualTo(row(Cell.NULL));
        assertThat(row().size()).isEqualTo(1);
    }

    @Test
    void aBuilderForgetsTheRowBefore() {
        var builder = new RowBuilder();
        builder.setString(2, "long text of the first row");
        builder.clear();
        builder.setNull(0);
        assertThat(builder.build()).isEqualTo(row(Cell.NULL));
    }

    @Test
    void theCodecGivesBackAnEqualRow() {
        Row row = row(string("a"), literal("17"));
        MemorySegment segment = MemorySegment.ofArray(new byte[Row.CODEC.size(row)]);
        Row.CODEC.encode(row, segment);
        assertThat(Row.CODEC.decode(segment.asReadOnly())).isEqualTo(row);
    }

    @Test
    void bytesThatAreNoRowAreRefusedAndNeverMore() {
        Row whole = row(string("abc"), literal("12345"), Cell.NULL, string("x".repeat(300)));
        byte[] bytes = new byte[Row.CODEC.size(whole)];
        Row.CODEC.encode(whole, MemorySegment.ofArray(bytes));
        for (int length = 0; length < bytes.length; length++) {
            Row cut = new Row(java.util.Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> cut.cells(4)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> whole.cells(3)).isInstanceOf(IllegalArgumentException.class);
        var random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            byte[] noise = new byte[random.nextInt(40)];
            random.nextBytes(noise);
            try {
                new Row(noise).cells(8);
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageMatching("(?s).+");
            }
        }
    }
}
