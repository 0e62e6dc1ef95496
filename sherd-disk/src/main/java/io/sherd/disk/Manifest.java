package io.sherd.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What belongs to a backup: the file {@code BACKUP}, lines of text.
 *
 * <pre>
 * sherd-backup 1
 * taken INSTANT
 * image NAME
 * data NUMBER SEQUENCE LENGTH END whole|part SOURCE   for each data file
 * sum HEX                                             of all before, seeded by the salt
 * </pre>
 *
 * <p>It is there as long as nothing was written to the copy: the first write of a map that was opened on it deletes it. While it
 * is there, data files and images that it does not name are what a later backup left that did not come to its end, and go.
 *
 * @param takenAt the instant whose state it is
 * @param image the name of the image of the index
 * @param parts the data files
 */
record Manifest(Instant takenAt, String image, List<Part> parts) {
    static final String NAME = "BACKUP";

    private static final String FIRST = "sherd-backup 1";
    private static final int MAX_SIZE = 1 << 28;

    /**
     * A data file.
     *
     * @param number its number
     * @param sequence its sequence
     * @param length its length
     * @param end the end of its records
     * @param whole whether no record can follow
     * @param source which file of which state it was copied from, as the system tells; "-" if it does not
     */
    record Part(int number, long sequence, long length, long end, boolean whole, String source) {}

    static boolean isIn(Path directory) {
        return Files.exists(directory.resolve(NAME));
    }

    void write(Storage storage, Path directory, long salt) throws IOException {
        StringBuilder text = new StringBuilder(FIRST)
                .append("\ntaken ")
                .append(takenAt)
                .append("\nimage ")
                .append(image)
                .append('\n');
        for (Part part : parts) {
            text.append("data ")
                    .append(part.number)
                    .append(' ')
                    .append(part.sequence)
                    .append(' ')
                    .append(part.length)
                    .append(' ')
                    .append(part.end)
                    .append(part.whole ? " whole " : " part ")
                    .append(part.source)
                    .append('\n');
        }
        byte[] lines = text.toString().getBytes(StandardCharsets.UTF_8);
        byte[] sum = sumLine(lines, salt);
        Path temporary = directory.resolve(NAME + ".tmp");
        try (BlockFile file = storage.create(temporary)) {
            file.write(ByteBuffer.wrap(lines), 0);
            file.write(ByteBuffer.wrap(sum), lines.length);
            file.force();
        }
        storage.rename(temporary, directory.resolve(NAME));
        storage.forceDirectory(directory);
    }

    private static byte[] sumLine(byte[] lines, long salt) {
        return ("sum " + Long.toHexString(Bits.hash(lines, lines.length, salt)) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Reads the file; throws {@link CorruptMapException} if it is not as it was written. */
    static Manifest read(Storage storage, Path directory, long salt) throws IOException {
        Path path = directory.resolve(NAME);
        byte[] content;
        try (BlockFile file = storage.open(path)) {
            content = new byte[(int) Math.min(file.size(), MAX_SIZE)];
            file.read(ByteBuffer.wrap(content), 0);
        }
        String text = new String(content, StandardCharsets.UTF_8);
        int sumAt = text.lastIndexOf("\nsum ") + 1;
        byte[] lines = text.substring(0, sumAt).getBytes(StandardCharsets.UTF_8);
        if (!text.substring(sumAt).equals(new String(sumLine(lines, salt), StandardCharsets.UTF_8))) {
            throw damaged(path);
        }
        Instant taken = Instant.EPOCH;
        String image = "";
        List<Part> parts = new ArrayList<>();
        try {
            for (String line : text.substring(0, sumAt).split("\n", -1)) {
                String[] words = line.split(" ", 7);
                switch (words[0]) {
                    case "taken" -> taken = Instant.parse(words[1]);
                    case "image" -> image = words[1];
                    case "data" ->
                        parts.add(new Part(
                                Integer.parseInt(words[1]),
                                Long.parseLong(words[2]),
                                Long.parseLong(words[3]),
                                Long.parseLong(words[4]),
                                words[5].equals("whole"),
                                words[6]));
                    default -> {}
                }
            }
        } catch (NumberFormatException | DateTimeException | ArrayIndexOutOfBoundsException e) {
            throw damaged(path);
        }
        return new Manifest(taken, image, parts);
    }

    private static CorruptMapException damaged(Path path) {
        return new CorruptMapException(
                path,
                0,
                "the list of a backup's files is not as it was written; if no backup into this directory was interrupted,"
                        + " delete that file and open the map");
    }

    /** What the system knows a file by, and when it was changed last; "-" if it does not tell. */
    static String source(Path file) throws IOException {
        var attributes = Files.readAttributes(file, java.nio.file.attribute.BasicFileAttributes.class);
        Object key = attributes.fileKey();
        return key == null ? "-" : (key + "@" + attributes.lastModifiedTime().toInstant()).replaceAll("\\s", "_");
    }

    /** The data files by their numbers. */
    Map<Integer, Part> byNumber() {
        Map<Integer, Part> byNumber = HashMap.newHashMap(parts.size());
        for (Part part : parts) {
            byNumber.put(part.number, part);
        }
        return byNumber;
    }

    /** Deletes the data files and images that do not belong to the backup. */
    void deleteOthers(Storage storage, Path directory) throws IOException {
        Set<String> own = new HashSet<>();
        own.add(image);
        for (Part part : parts) {
            own.add(DataFile.name(part.number));
        }
        for (String name : storage.list(directory)) {
            if (!own.contains(name) && isDataOrImage(name)) {
                storage.delete(directory.resolve(name));
            }
        }
    }

    /** Whether a name is that of a data file or image, finished or not. */
    static boolean isDataOrImage(String name) {
        return name.matches("(data-\\d{6,}|ckpt-\\d{8,})(\\.tmp)?");
    }
}
