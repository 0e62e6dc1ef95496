package io.sherd.disk;

import org.jspecify.annotations.Nullable;

/**
 * A part of a file, copied into an array. Recovery often comes first in the life of a process: until the compiler has got to it, a read
 * through a buffer is a dozen calls, and a read of an array is none.
 */
final class Window {
    private static final int WORDS = 1 << 11;

    final long[] words = new long[WORDS];
    private @Nullable DataFile source;
    private int start;
    private int count;

    /**
     * Makes sure that the word at an offset is here, and answers its place.
     *
     * @param file the file
     * @param offset an offset in it, a multiple of eight
     * @param limit where the file ends that is to be looked at, the same for each call with this file
     */
    int seek(DataFile file, int offset, int limit) {
        if (file != source || offset < start || (offset - start) >>> 3 >= count) {
            load(file, offset, limit);
        }
        return (offset - start) >>> 3;
    }

    /** Copies what begins at an offset. */
    void load(DataFile file, int offset, int limit) {
        source = file;
        start = offset;
        count = Math.min(WORDS, (limit - offset) >> 3);
        file.bytes.asLongBuffer().get(offset >>> 3, words, 0, count);
    }

    /** The number of words that are here. */
    int count() {
        return count;
    }
}
