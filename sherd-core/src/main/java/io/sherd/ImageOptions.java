package io.sherd;

import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How to write or read an image. Immutable: each setting gives new options.
 *
 * {@snippet :
 * map.writeTo(file, Codecs.utf8(), Codecs.int64(), ImageOptions.defaults()
 *         .parallelism(1)
 *         .onProgress(progress -> bar.stepTo(progress.entries())));
 * }
 */
public final class ImageOptions {
    /** The longest {@link #note}, in bytes of UTF-8. */
    static final int LONGEST_NOTE = 1 << 20;

    private static final int MOST_THREADS = 256;

    private static final ImageOptions DEFAULTS = new ImageOptions(0, null, "");

    private final int parallelism;
    private final @Nullable Consumer<? super ImageProgress> onProgress;
    private final String note;

    private ImageOptions(int parallelism, @Nullable Consumer<? super ImageProgress> onProgress, String note) {
        this.parallelism = parallelism;
        this.onProgress = onProgress;
        this.note = note;
    }

    /**
     * One thread for each processor, no reports, no note.
     *
     * @return the shared instance
     */
    public static ImageOptions defaults() {
        return DEFAULTS;
    }

    /**
     * In how many threads to encode and decode. The caller's is one of them, the others are started for the call and end with
     * it; each needs about two mebibytes.
     *
     * @param threads from 1 to 256
     * @return new options
     * @throws IllegalArgumentException if {@code threads} is out of range
     */
    public ImageOptions parallelism(int threads) {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new IllegalArgumentException(
                    "parallelism: " + threads + " given, but 1 to " + MOST_THREADS + " are allowed");
        }
        return new ImageOptions(threads, onProgress, note);
    }

    /**
     * Whom to tell how far it is: after each block of about a mebibyte, one call after the other, in whichever thread has done the
     * block; the figures never fall. Others wait meanwhile, so it should be quick. What it throws ends the whole and reaches
     * the caller.
     *
     * @param listener gets the progress
     * @return new options
     */
    public ImageOptions onProgress(Consumer<? super ImageProgress> listener) {
        return new ImageOptions(parallelism, Objects.requireNonNull(listener, "listener"), note);
    }

    /**
     * A text that is kept in the image and given back by {@link ImageInfo#note}: what a program wants to know before it reads
     * the entries. It has no effect on reading.
     *
     * @param text at most 1,048,576 bytes in UTF-8, without unpaired surrogates
     * @return new options
     * @throws IllegalArgumentException if the text is longer, or is no text
     */
    public ImageOptions note(String text) {
        int size = ImageFormat.encodeText("note", text).length;
        if (size > LONGEST_NOTE) {
            throw new IllegalArgumentException("note: " + size + " bytes given, but at most " + LONGEST_NOTE
                    + " are allowed; keep it beside the image");
        }
        return new ImageOptions(parallelism, onProgress, text);
    }

    int threads() {
        return parallelism != 0
                ? parallelism
                : Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
    }

    String note() {
        return note;
    }

    void report(long entries, long expected, long bytes) {
        if (onProgress != null) {
            onProgress.accept(new ImageProgress(entries, expected, bytes));
        }
    }

    @Override
    public String toString() {
        return "ImageOptions[parallelism=" + threads() + ", onProgress=" + (onProgress == null ? "none" : onProgress)
                + ", note=" + note.length() + " characters]";
    }
}
