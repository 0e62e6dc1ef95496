package io.sherd.testkit.soak;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a run of the harness is to do.
 *
 * @param factory opens the store under test
 * @param kills how many children to kill
 * @param seed what everything is drawn from
 * @param directory an existing directory for the stores; those in which nothing was found are deleted
 * @param controls whether to show first that planted faults are found
 * @param patience how long a phase of a child may last before it counts as hanging
 * @param jvmOptions options of the child's JVM
 */
public record KillOptions(
        Class<? extends StoreFactory> factory,
        int kills,
        long seed,
        Path directory,
        boolean controls,
        Duration patience,
        List<String> jvmOptions) {

    /** Refuses what makes no sense. */
    public KillOptions {
        if (kills < 0) {
            throw new IllegalArgumentException("kills: " + kills + " given, but it cannot be negative");
        }
        jvmOptions = List.copyOf(jvmOptions);
    }
}
