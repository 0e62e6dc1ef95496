package io.sherd.cli;

import io.sherd.codec.Codec;
import io.sherd.disk.CodecMismatchException;
import io.sherd.disk.DiskMap;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A map on disk together with the way its entries look.
 *
 * @param map the map
 * @param layout how its entries look
 * @param <K> the type of keys
 * @param <V> the type of values
 */
record OpenMap<K, V>(DiskMap<K, V> map, Layout<K, V> layout) implements AutoCloseable {
    private static final String META = "META";

    /** Whether the directory holds a map, or what is left of one. */
    static boolean exists(Path directory) {
        return Files.exists(directory.resolve(META)) || Files.exists(directory.resolve(SchemaFile.NAME));
    }

    /**
     * Opens a map that there is.
     *
     * @throws CommandFailure if there is none, or its entries are of types that this command does not know
     */
    static OpenMap<?, ?> open(Path directory) throws IOException {
        if (!exists(directory)) {
            throw new CommandFailure(
                    ExitCode.IO,
                    "there is no map at " + directory + (Files.exists(directory) ? "" : ", and no such directory")
                            + ". Make one with: sherd import FILE --key COLUMN --into " + directory);
        }
        Schema schema = SchemaFile.read(directory);
        if (schema == null) {
            return openPairs(directory);
        }
        return openRows(directory, schema, schema.keyType());
    }

    private static <K> OpenMap<K, Row> openRows(Path directory, Schema schema, Scalar<K> keyType) throws IOException {
        DiskMap<K, Row> map = DiskMap.builder(keyType.codec(), Row.CODEC).open(directory);
        try {
            // an import may have widened the schema after it was read and before the map was ours
            Schema current = SchemaFile.read(directory);
            return new OpenMap<>(map, new RowLayout<>(current == null ? schema : current, keyType));
        } catch (IOException | RuntimeException failed) {
            map.close();
            throw failed;
        }
    }

    /** A map without a schema: the identities of its codecs tell what is in it. */
    private static OpenMap<?, ?> openPairs(Path directory) {
        String key = identity(directory, new Probe<>("sherd-probe-key"), new Probe<>("sherd-probe-value"));
        Scalar<?> keyType = known(directory, "keys", key);
        String value = identity(directory, keyType.codec(), new Probe<>("sherd-probe-value"));
        if (value.equals(Row.CODEC.identity())) {
            throw new CommandFailure(
                    ExitCode.NEGATIVE,
                    directory.resolve(SchemaFile.NAME)
                            + " is missing, which says what the columns of this map are. Restore it; or, if an import"
                            + " was stopped before its first row, import again.");
        }
        return openPairs(directory, keyType, known(directory, "values", value));
    }

    private static <K, V> OpenMap<K, V> openPairs(Path directory, Scalar<K> keyType, Scalar<V> valueType) {
        return new OpenMap<>(
                DiskMap.builder(keyType.codec(), valueType.codec()).open(directory),
                new PairLayout<>(keyType, valueType));
    }

    private static Scalar<?> known(Path directory, String what, String identity) {
        Scalar<?> type = Scalar.ofLabel(identity);
        if (type == null) {
            throw new CommandFailure(
                    ExitCode.UNSUPPORTED,
                    "the " + what + " of " + directory + " are written with the codec \"" + identity
                            + "\", which only the program that made the map has; this command reads "
                            + Scalar.labels() + ".");
        }
        return type;
    }

    /** Asks a map for the first identity that differs from the codecs given. */
    private static String identity(Path directory, Codec<?> key, Codec<?> value) {
        try {
            DiskMap.builder(key, value).open(directory).close();
        } catch (CodecMismatchException mismatch) {
            return mismatch.expected();
        }
        throw new IllegalStateException("a map at " + directory + " has codec " + key.identity() + " or "
                + value.identity() + ", which nothing writes");
    }

    /** A codec that no map was made with. */
    private record Probe<T>(String identity) implements Codec<T> {
        @Override
        public int size(T value) {
            throw new IllegalStateException("a probe has no values");
        }

        @Override
        public void encode(T value, MemorySegment target) {
            throw new IllegalStateException("a probe has no values");
        }

        @Override
        public T decode(MemorySegment source) {
            throw new IllegalStateException("a probe has no values");
        }
    }

    @Nullable
    V get(K key) {
        return map.get(key);
    }

    @Override
    public void close() {
        map.close();
    }
}
