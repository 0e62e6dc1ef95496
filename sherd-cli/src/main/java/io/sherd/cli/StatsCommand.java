package io.sherd.cli;

import io.sherd.ShardLoad;
import io.sherd.disk.DiskStats;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sherd stats}. */
@Command(
        name = "stats",
        header = "Print figures about a map.",
        description = {
            "",
            "Load is the share of index slots in use, of the least and the most loaded shard and of all together. Dead bytes"
                    + " are those of records that were overwritten or removed."
        },
        footer = {"", "Examples:", "  sherd stats cities", "  sherd stats cities --json | jq .entries"})
final class StatsCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "DIR", description = "The directory of the map.")
    private Path directory = Path.of("");

    @Option(names = "--json", description = "Print one JSON object on one line.")
    private boolean json;

    StatsCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        try (OpenMap<?, ?> map = OpenMap.open(directory);
                var answer = new Answer(session.out())) {
            answer.line(json ? json(map) : text(map));
        }
        return ExitCode.OK;
    }

    /** Entries and slots of the shards that have been touched. */
    private record Load(long entries, long slots, double least, double most) {
        static Load of(List<ShardLoad> shards) {
            long entries = 0;
            long slots = 0;
            double least = 1;
            double most = 0;
            for (ShardLoad shard : shards) {
                entries += shard.entries();
                slots += shard.slots();
                least = Math.min(least, shard.loadFactor());
                most = Math.max(most, shard.loadFactor());
            }
            return new Load(entries, slots, Math.min(least, most), most);
        }

        double mean() {
            return slots == 0 ? 0 : (double) entries / slots;
        }
    }

    private static String text(OpenMap<?, ?> map) {
        DiskStats disk = map.map().diskStats();
        Load load = Load.of(map.map().shards().loads());
        var out = new StringBuilder();
        line(out, "map", Text.visible(map.map().path().toString()));
        line(out, "entries", String.format(Locale.ROOT, "%,d", disk.entries()));
        line(out, "keys", map.layout().keyType().label() + keyColumn(map));
        line(out, "values", values(map));
        line(
                out,
                "shards",
                String.format(
                        Locale.ROOT,
                        "%,d of at most %,d",
                        map.map().shards().count(),
                        map.map().shards().max()));
        line(
                out,
                "load",
                String.format(
                        Locale.ROOT,
                        "%.0f %% (least %.0f %%, most %.0f %%)",
                        load.mean() * 100,
                        load.least() * 100,
                        load.most() * 100));
        line(out, "index", bytes(disk.indexBytes()));
        line(out, "files", String.format(Locale.ROOT, "%,d data, %s on disk", disk.files(), bytes(disk.fileBytes())));
        line(out, "live", bytes(disk.liveBytes()));
        line(out, "dead", bytes(disk.deadBytes()));
        out.setLength(out.length() - 1);
        return out.toString();
    }

    private static String keyColumn(OpenMap<?, ?> map) {
        return map.layout() instanceof RowLayout<?> rows
                ? ", column " + Text.visible(rows.schema().keyColumn().name())
                : "";
    }

    private static String values(OpenMap<?, ?> map) {
        if (!(map.layout() instanceof RowLayout<?>)) {
            return map.layout().describeValue();
        }
        List<String> columns = map.layout().columns().stream()
                .map(column -> Text.visible(column.name()) + " " + column.type().label())
                .toList();
        return "rows of " + String.join(", ", columns);
    }

    private static void line(StringBuilder out, String name, String value) {
        out.append(String.format(Locale.ROOT, "%-9s", name)).append(value).append('\n');
    }

    private static String bytes(long number) {
        String[] units = {"KiB", "MiB", "GiB", "TiB"};
        if (number < 1024) {
            return number + " B";
        }
        double scaled = number;
        int unit = -1;
        while (scaled >= 1024 && unit < units.length - 1) {
            scaled /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s (%,d bytes)", scaled, units[unit], number);
    }

    private static String json(OpenMap<?, ?> map) {
        DiskStats disk = map.map().diskStats();
        Load load = Load.of(map.map().shards().loads());
        var out = new StringBuilder("{\"map\":");
        Json.quote(map.map().path().toString(), out);
        out.append(",\"entries\":").append(disk.entries());
        out.append(",\"keyType\":");
        Json.quote(map.layout().keyType().label(), out);
        out.append(",\"valueType\":");
        Json.quote(map.layout().describeValue(), out);
        if (map.layout() instanceof RowLayout<?> rows) {
            appendColumns(rows.schema(), out);
        }
        out.append(",\"shards\":").append(map.map().shards().count());
        out.append(",\"maxShards\":").append(map.map().shards().max());
        out.append(String.format(
                Locale.ROOT,
                ",\"load\":{\"mean\":%.4f,\"least\":%.4f,\"most\":%.4f}",
                load.mean(),
                load.least(),
                load.most()));
        out.append(",\"indexBytes\":").append(disk.indexBytes());
        out.append(",\"files\":").append(disk.files());
        out.append(",\"fileBytes\":").append(disk.fileBytes());
        out.append(",\"liveBytes\":").append(disk.liveBytes());
        out.append(",\"deadBytes\":").append(disk.deadBytes());
        return out.append('}').toString();
    }

    private static void appendColumns(Schema schema, StringBuilder out) {
        out.append(",\"key\":");
        Json.quote(schema.keyColumn().name(), out);
        out.append(",\"columns\":[");
        String separator = "";
        for (Schema.Column column : schema.columns()) {
            out.append(separator).append("{\"name\":");
            Json.quote(column.name(), out);
            out.append(",\"type\":");
            Json.quote(column.type().label(), out);
            out.append('}');
            separator = ",";
        }
        out.append(']');
    }
}
