package io.sherd;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an image are not those that were written: they are damaged, cut short, in another order, or made by somebody who
 * means ill. The message says where, what was expected and what was found. Nothing of the image was kept.
 */
public final class CorruptImageException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The offset in the image. */
    private final long offset;

    CorruptImageException(String image, long offset, String detail, @Nullable Throwable cause) {
        super(image + ", offset " + offset + ": " + detail, cause);
        this.offset = offset;
    }

    /**
     * Where in the image the damage was seen.
     *
     * @return a number of bytes from the image's beginning, at least 0
     */
    public long offset() {
        return offset;
    }
}
