package io.sherd.disk;

import java.util.Optional;

/**
 * What {@link DiskMap#verify} found.
 *
 * @param entries the entries whose records were read and are sound
 * @param bytes the bytes of these records and of their large values
 * @param damage the first damage, or empty if there is none; entries behind it were not read
 */
public record VerifyReport(long entries, long bytes, Optional<CorruptMapException> damage) {

    /**
     * Whether everything is as it was written.
     *
     * @return true if there is no damage
     */
    public boolean isSound() {
        return damage.isEmpty();
    }
}
