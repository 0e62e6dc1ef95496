package io.sherd.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;

/** What a reader must know beside the figures, printed before a run. */
final class Conditions {
    private Conditions() {}

    static void print(Suite suite, Selection selection, PrintWriter to) {
        OperatingSystemMXBean machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        to.printf(
                "suite %s%s: %d rounds, median and half of the spread; systems take turns, a JVM for each measurement%n",
                suite.name(), selection.quick() ? " (quick)" : "", selection.rounds());
        to.printf(
                "%s %s, %d processors, %d MiB of memory, load %.2f; Java %s (%s)%n",
                machine.getName(),
                machine.getArch(),
                machine.getAvailableProcessors(),
                machine.getTotalMemorySize() >> 20,
                machine.getSystemLoadAverage(),
                Runtime.version(),
                System.getProperty("java.vm.name"));
        to.printf(
                "systems %s; keys %s; entries %s%n",
                selection.systems(),
                selection.keys().stream().map(KeyKind::label).toList(),
                selection.entries());
        for (Collector collector : selection.collectors()) {
            to.printf("%s: %s%n", collector.label(), String.join(" ", Jvm.memory(collector, selection.heap())));
        }
        to.printf("every fork: %s%n", String.join(" ", Jvm.granted()));
        to.flush();
    }
}
