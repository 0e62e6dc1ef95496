package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.ImageInfo;
import io.sherd.ImageOptions;
import io.sherd.ShardedMap;
import io.sherd.codec.Codecs;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images of maps on disk, and into them. */
final class DiskImageTest {
    @TempDir
    Path directory;

    @Test
    void fromDiskToHeapAndBack() throws IOException {
        Path image = directory.resolve("image");
        try (DiskMap<String, Long> map =
                DiskMap.builder(Codecs.utf8(), Codecs.int64()).shards(16).open(directory.resolve("map"))) {
            for (long i = 0; i < 20_000; i++) {
                map.put("key " + i, i);
            }
            assertThat(map.writeTo(image, Codecs.utf8(), Codecs.int64())).isEqualTo(20_000);
            assertThat(ImageInfo.read(image).shards()).isEqualTo(16);
            ShardedMap<String, Long> heap = ShardedMap.readFrom(image, Codecs.utf8(), Codecs.int64());
            assertThat(heap).isEqualTo(map);
            for (Durability durability : Durability.values()) {
                try (DiskMap<String, Long> back = DiskMap.builder(Codecs.utf8(), Codecs.int64())
                        .durability(durability)
                        .open(directory.resolve("back-" + durability))) {
                    back.put("older", -1L);
                    assertThat(back.putAllFrom(image, Codecs.utf8(), Codecs.int64(), ImageOptions.defaults()))
                            .isEqualTo(20_000);
                    assertThat(back.mappingCount()).isEqualTo(20_001);
                    assertThat(back).containsAllEntriesOf(heap);
                }
            }
        }
    }
}
