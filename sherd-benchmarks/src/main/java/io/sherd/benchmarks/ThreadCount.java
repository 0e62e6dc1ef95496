package io.sherd.benchmarks;

/**
 * A number of threads of a kind; {@code 64} or {@code 64v} on the command line.
 *
 * @param count how many
 * @param virtual whether they are virtual
 */
record ThreadCount(int count, boolean virtual) {
    static ThreadCount platform(int count) {
        return new ThreadCount(count, false);
    }

    static ThreadCount virtual(int count) {
        return new ThreadCount(count, true);
    }

    static ThreadCount of(String text) {
        boolean virtual = text.endsWith("v");
        int count = Integer.parseInt(virtual ? text.substring(0, text.length() - 1) : text);
        if (count < 1 || count > 100_000) {
            throw new IllegalArgumentException("threads: " + text + " given, but 1 to 100000 are allowed");
        }
        return new ThreadCount(count, virtual);
    }

    /** What {@link #of} reads. */
    String text() {
        return virtual ? count + "v" : Integer.toString(count);
    }
}
