package io.sherd.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** The lines by which a fork tells what it measured: {@code sample}, workload, unit and value, with tabs between. */
final class Report {
    private static final String MARK = "sample";

    private Report() {}

    static void write(String workload, String unit, double value) {
        System.out.println(String.join("\t", MARK, workload, unit, Double.toString(value)));
        System.out.flush();
    }

    static List<Sample> read(RowKey key, List<String> lines) {
        List<Sample> samples = new ArrayList<>();
        for (String line : lines) {
            String[] parts = line.split("\t", -1);
            if (parts.length == 4 && parts[0].equals(MARK)) {
                samples.add(new Sample(key.of(parts[1], parts[2]), Double.parseDouble(parts[3])));
            }
        }
        return samples;
    }
}
