package io.sherd;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What the beginning of an image says of it.
 *
 * @param version the version of the format
 * @param shards the number of shards of the map that was written
 * @param entries how many entries the image has, by its own word
 * @param keyCodec the identity of the codec of keys
 * @param valueCodec the identity of the codec of values
 * @param note the text of {@link ImageOptions#note}, or an empty one
 */
public record ImageInfo(int version, int shards, long entries, String keyCodec, String valueCodec, String note) {

    /**
     * Reads the beginning of an image. The entries are not looked at.
     *
     * @param file the image
     * @return what it says
     * @throws CorruptImageException if it is damaged
     * @throws UnsupportedImageException if it is no image, or one of a newer format
     * @throws IOException if the file cannot be read
     */
    public static ImageInfo read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new ImageSource(channel, "image " + file).readHeader();
        }
    }
}
