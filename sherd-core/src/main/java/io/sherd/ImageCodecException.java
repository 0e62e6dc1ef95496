package io.sherd;

import java.io.IOException;

/** An image was written with other codecs than it is to be read with. Nothing was changed. */
public final class ImageCodecException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The identity that the image was written with. */
    private final String expected;

    /** The identity of the codec that was given. */
    private final String found;

    ImageCodecException(String image, String role, String expected, String found) {
        super(image + " was written with the " + role + " codec \"" + expected + "\" but is read with \"" + found
                + "\"; read it with the codec it was written with");
        this.expected = expected;
        this.found = found;
    }

    /**
     * The identity that the image was written with.
     *
     * @return a codec identity
     */
    public String expected() {
        return expected;
    }

    /**
     * The identity of the codec that was given.
     *
     * @return a codec identity
     */
    public String found() {
        return found;
    }
}
