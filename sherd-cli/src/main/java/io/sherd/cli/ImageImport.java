package io.sherd.cli;

import io.sherd.ImageInfo;
import io.sherd.ImageOptions;
import io.sherd.codec.Codec;
import io.sherd.disk.DiskMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts the entries of an image into a map, which is made if there is none, and removed again if the image is damaged. */
final class ImageImport {
    private final Session session;
    private final Path image;
    private final Path directory;
    private final boolean progressWanted;

    ImageImport(Session session, Path image, Path directory, boolean progressWanted) {
        this.session = session;
        this.image = image;
        this.directory = directory;
        this.progressWanted = progressWanted;
    }

    /** Imports all, and answers how many entries there were. */
    long run() throws IOException {
        ImageInfo info = ImageInfo.read(image);
        Scalar<?> keyType = known("keys", info.keyCodec());
        if (info.valueCodec().equals(Row.CODEC.identity())) {
            if (info.note().isEmpty()) {
                throw new CommandFailure(
                        ExitCode.UNSUPPORTED, image + " has rows, but does not say what their columns are.");
            }
            Schema schema = SchemaFile.ofJson(info.note(), image);
            return into(keyType, Row.CODEC, schema);
        }
        return into(keyType, known("values", info.valueCodec()).codec(), null);
    }

    private Scalar<?> known(String what, String identity) {
        Scalar<?> type = Scalar.ofLabel(identity);
        if (type == null) {
            throw new CommandFailure(
                    ExitCode.UNSUPPORTED,
                    "the " + what + " of " + image + " are written with the codec \"" + identity
                            + "\", which only the program that wrote it has; this command reads " + Scalar.labels()
                            + ".");
        }
        return type;
    }

    private <K, V> long into(Scalar<K> keyType, Codec<V> valueCodec, @Nullable Schema schema) throws IOException {
        boolean isNew = !OpenMap.exists(directory);
        if (!isNew) {
            requireSame(schema);
        } else if (Files.exists(directory) && !isEmptyDirectory()) {
            throw new CommandFailure(
                    ExitCode.IO, directory + " is neither a map nor an empty directory; give another one.");
        }
        boolean existed = Files.exists(directory);
        boolean done = false;
        try (DiskMap<K, V> map = DiskMap.builder(keyType.codec(), valueCodec).open(directory);
                Progress progress = Progress.ofEntries(session, "importing", progressWanted)) {
            if (schema != null && isNew) {
                SchemaFile.write(map.path(), schema);
            }
            long entries = map.putAllFrom(
                    image, keyType.codec(), valueCodec, ImageOptions.defaults().onProgress(progress::update));
            map.force();
            done = true;
            return entries;
        } finally {
            if (!done && isNew) {
                remove(existed);
            }
        }
    }

    private void requireSame(@Nullable Schema schema) throws IOException {
        Schema present = SchemaFile.read(directory);
        if (present == null ? schema != null : !present.equals(schema)) {
            throw new CommandFailure(
                    ExitCode.UNSUPPORTED,
                    "the columns of " + image + " are " + names(schema) + ", and those of the map at " + directory + " "
                            + names(present) + ", with their types; import the image into another directory.");
        }
    }

    private static String names(@Nullable Schema schema) {
        return schema == null ? "none" : schema.names();
    }

    private boolean isEmptyDirectory() throws IOException {
        return Files.isDirectory(directory) && files().isEmpty();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    /** Removes the map that was just made, of which nobody knows yet. */
    private void remove(boolean keepDirectory) throws IOException {
        for (Path each : files()) {
            Files.deleteIfExists(each);
        }
        if (!keepDirectory) {
            Files.deleteIfExists(directory);
        }
    }
}
