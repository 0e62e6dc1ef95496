package io.sherd.cli;

import io.sherd.cli.Json.JsonProblem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The file {@code sherd-cli.json} in a map's directory, which holds the {@link Schema}.
 *
 * <p>An import writes a widened schema before the rows that need it, so the file covers every row at any moment. Each
 * version replaces the one before in one step: a reader finds the old or the new one, whole, also after a loss of power.
 */
final class SchemaFile {
    static final String NAME = "sherd-cli.json";
    private static final int FORMAT = 1;

    private SchemaFile() {}

    /**
     * Reads the schema.
     *
     * @return null if there is no such file
     * @throws CommandFailure if the file is damaged, or of a newer format
     */
    static @Nullable Schema read(Path directory) throws IOException {
        Path file = directory.resolve(NAME);
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException absent) {
            return null;
        }
        return ofJson(text, file);
    }

    /** Reads a schema from its text; the file is what messages name. */
    static Schema ofJson(String text, Path file) {
        try {
            return parse(text, file);
        } catch (JsonProblem | JacksonException damaged) {
            throw new CommandFailure(
                    ExitCode.NEGATIVE,
                    file + " is damaged: " + damaged.getMessage()
                            + ". The rows themselves are in the map's files; restore this one file to read them.");
        }
    }

    private static Schema parse(String text, Path file) throws JsonProblem {
        Map<String, Cell> fields = new HashMap<>();
        Json.readObject(text, (name, value, type) -> fields.put(name, value));
        String format = text(fields, "format");
        if (!format.equals(Integer.toString(FORMAT))) {
            throw new CommandFailure(
                    ExitCode.UNSUPPORTED,
                    file + " has format " + format + ", and this version of sherd reads format " + FORMAT
                            + ". Use the version of sherd that made the map, or a newer one.");
        }
        Scalar<?> keyType = Scalar.ofLabel(text(fields, "keyType"), Scalar.ROW_KEYS);
        if (keyType == null) {
            throw new JsonProblem("keyType is " + text(fields, "keyType"));
        }
        List<Schema.Column> columns = new ArrayList<>();
        try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), text(fields, "columns"))) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw new JsonProblem("columns is no array");
            }
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                columns.add(column(parser));
            }
        }
        String key = text(fields, "key");
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(key)) {
                return new Schema(columns, i, keyType);
            }
        }
        throw new JsonProblem("no column is the key " + key);
    }

    private static Schema.Column column(JsonParser parser) throws JsonProblem {
        String name = null;
        ColumnType type = null;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            if (field.equals("name")) {
                name = parser.getString();
            } else if (field.equals("type")) {
                type = ColumnType.ofLabel(parser.getString());
            }
        }
        if (name == null || type == null) {
            throw new JsonProblem("a column without a name or a known type");
        }
        return new Schema.Column(name, type);
    }

    private static String text(Map<String, Cell> fields, String name) throws JsonProblem {
        Cell cell = fields.get(name);
        if (cell == null) {
            throw new JsonProblem(name + " is missing");
        }
        return cell.text();
    }

    /** Replaces the file, and returns when the new one is on the medium. */
    static void write(Path directory, Schema schema) throws IOException {
        Path written = directory.resolve(NAME + ".new");
        ByteBuffer bytes = ByteBuffer.wrap(toJson(schema).getBytes(StandardCharsets.UTF_8));
        try (FileChannel channel = FileChannel.open(
                written, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(written, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
        forceDirectory(directory);
    }

    /** Makes a rename durable, where the system lets a directory be opened. */
    static void forceDirectory(@Nullable Path directory) throws IOException {
        if (directory == null
                || !Files.isDirectory(directory)
                || System.getProperty("os.name", "").startsWith("Windows")) {
            return;
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    static String toJson(Schema schema) {
        var out = new StringBuilder();
        out.append("{\n  \"format\": ").append(FORMAT).append(",\n  \"key\": ");
        Json.quote(schema.keyColumn().name(), out);
        out.append(",\n  \"keyType\": ");
        Json.quote(schema.keyType().label(), out);
        out.append(",\n  \"columns\": [");
        String separator = "\n";
        for (Schema.Column column : schema.columns()) {
            out.append(separator).append("    {\"name\": ");
            Json.quote(column.name(), out);
            out.append(", \"type\": ");
            Json.quote(column.type().label(), out);
            out.append('}');
            separator = ",\n";
        }
        return out.append("\n  ]\n}\n").toString();
    }
}
