package io.sherd.cli;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The rows of an input, one after the other. The answers are about the row that {@link #advance} went to. */
sealed interface RowSource extends Closeable permits CsvRows, JsonRows {

    /**
     * Goes to the next row, good or bad.
     *
     * @return false at the end
     * @throws CommandFailure if what follows cannot be told apart into rows
     */
    boolean advance() throws IOException;

    /** The line on which the row begins, from 1. */
    long line();

    /** Why the row cannot be taken, or null. */
    @Nullable
    String problem();

    /** The key's text, of a row without problem. */
    String key();

    /** The cells, of a row without problem. */
    Row row();
}
