package io.sherd.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Rows as a file: a JSON array, one object a line. */
final class RowFile {
    private static final JsonMapper JSON = JsonMapper.shared();

    private RowFile() {}

    /** Replaces the file in one step, so that a reader and an interrupted run never leave half of one. */
    static void write(Path file, Collection<Row> rows) throws IOException {
        StringBuilder text = new StringBuilder("[");
        String separator = "\n";
        for (Row row : rows) {
            text.append(separator).append(JSON.writeValueAsString(node(row)));
            separator = ",\n";
        }
        text.append("\n]\n");
        Path absolute = file.toAbsolutePath();
        Path folder = absolute.getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Path beside = absolute.resolveSibling(absolute.getFileName() + ".part");
        Files.writeString(beside, text);
        Files.move(beside, absolute, StandardCopyOption.ATOMIC_MOVE);
    }

    static List<Row> read(Path file) throws IOException {
        JsonNode array;
        try {
            array = JSON.readTree(Files.readString(file));
        } catch (JacksonException e) {
            throw new IOException(file + " is not JSON: " + e.getOriginalMessage(), e);
        }
        if (!array.isArray()) {
            throw new IOException(file + " holds no array of rows; give a file that bench wrote");
        }
        List<Row> rows = new ArrayList<>();
        for (JsonNode node : array) {
            for (String field : List.of("suite", "workload", "keys", "entries", "threads", "system", "unit", "value")) {
                if (!node.has(field)) {
                    throw new IOException(file + ": row " + rows.size() + " has no field " + field);
                }
            }
            RowKey key = new RowKey(
                    node.get("suite").asString(),
                    node.get("workload").asString(),
                    node.get("keys").asString(),
                    node.get("entries").asLong(),
                    node.get("threads").asInt(),
                    node.path("virtual").asBoolean(false),
                    node.path("gc").asString("G1"),
                    node.get("system").asString(),
                    node.get("unit").asString());
            rows.add(new Row(
                    key,
                    node.get("value").asDouble(),
                    node.path("error").asDouble(0),
                    node.path("measurements").asInt(1)));
        }
        return rows;
    }

    private static ObjectNode node(Row row) {
        RowKey key = row.key();
        ObjectNode node = JSON.createObjectNode();
        node.put("suite", key.suite());
        node.put("workload", key.workload());
        node.put("keys", key.keys());
        node.put("entries", key.entries());
        node.put("threads", key.threads());
        if (key.virtual()) {
            node.put("virtual", true);
        }
        node.put("system", key.system());
        node.put("unit", key.unit());
        node.put("value", row.value());
        node.put("error", row.error());
        node.put("gc", key.gc());
        node.put("measurements", row.measurements());
        return node;
    }
}
