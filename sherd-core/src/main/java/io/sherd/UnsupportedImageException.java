package io.sherd;

import java.io.IOException;

/** What was given is no image, or one of a format that this version of Sherd does not read. Nothing was changed. */
public final class UnsupportedImageException extends IOException {
    private static final long serialVersionUID = 1L;

    UnsupportedImageException(String message) {
        super(message);
    }
}
