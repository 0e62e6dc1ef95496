package io.sherd.testkit.soak;

import java.util.Locale;

/**
 * What became of mutated images.
 *
 * @param runs how many were made by accident: their checksums are as they were
 * @param refused how many of these were refused with an exception of images
 * @param equal how many were read as the original, since nothing in them had changed
 * @param hostile how many were made with right checksums
 * @param hostileRefused how many of these were refused; the others are images of something else
 * @param wrong how many were read as something else by accident, or ended in anything but those exceptions
 * @param controlCaught whether a reader that ignores checksums was found out
 */
public record ImageReport(
        long runs, long refused, long equal, long hostile, long hostileRefused, long wrong, boolean controlCaught) {

    /** Whether all was as it must be. */
    public boolean isClean() {
        return wrong == 0 && controlCaught && refused + equal == runs;
    }

    /** One line. */
    public String summary() {
        return String.format(
                Locale.ROOT,
                "images: runs %d, refused %d, equal %d, hostile %d (refused %d), wrong %d, caught controls %d of 1",
                runs,
                refused,
                equal,
                hostile,
                hostileRefused,
                wrong,
                controlCaught ? 1 : 0);
    }
}
