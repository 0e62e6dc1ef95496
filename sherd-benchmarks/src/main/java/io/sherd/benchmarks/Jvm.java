package io.sherd.benchmarks;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How the JVMs of forks are started: the same flags for every system, or a ratio would compare flags. */
final class Jvm {
    private Jvm() {}

    /** The {@code java} that runs this. */
    static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    static String classPath() {
        return System.getProperty("java.class.path");
    }

    /** The flags of a fork: its memory, and what the peers ask for. */
    static List<String> flags(Collector collector, String heap) {
        List<String> flags = memory(collector, heap);
        flags.addAll(granted());
        return flags;
    }

    /** A heap of fixed size, touched in advance, and the collector. */
    static List<String> memory(Collector collector, String heap) {
        List<String> flags = new ArrayList<>(List.of("-Xms" + heap, "-Xmx" + heap, "-XX:+AlwaysPreTouch"));
        flags.addAll(collector.flags());
        return flags;
    }

    /**
     * What this JVM was started with apart from memory and collectors: the packages that the peers want opened and their
     * properties, and whatever a developer added to try a flag on all systems.
     */
    static List<String> granted() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> !argument.startsWith("-Xm"))
                .filter(argument -> !argument.matches("-XX:\\+Use\\w*GC"))
                .filter(argument -> !argument.startsWith("-Dsherd.root="))
                .filter(argument -> !argument.startsWith("-agentlib:") && !argument.startsWith("-javaagent:"))
                .toList();
    }
}
