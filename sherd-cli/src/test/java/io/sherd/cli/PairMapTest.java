package io.sherd.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.codec.Codec;
import io.sherd.codec.Codecs;
import io.sherd.disk.DiskMap;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Maps that a program made, without rows. */
final class PairMapTest {
    @TempDir
    Path map;

    private <K, V> void make(Codec<K> keyCodec, Codec<V> valueCodec, K key, V value) {
        try (DiskMap<K, V> written = DiskMap.builder(keyCodec, valueCodec).open(map)) {
            written.put(key, value);
        }
    }

    @Test
    void textToText() {
        make(Codecs.utf8(), Codecs.utf8(), "greeting", "Grüezi\nmitenand");
        assertThat(Cli.run("get", map, "greeting").out()).isEqualTo("Grüezi\nmitenand\n");
        assertThat(Cli.run("put", map, "other", "x\ty").exitCode()).isZero();
        assertThat(Cli.run("get", map, "other", "greeting").out())
                .isEqualTo("other\tx\\ty\ngreeting\tGrüezi\\nmitenand\n");
        assertThat(Cli.run("scan", map, "--json", "--prefix", "g").out())
                .isEqualTo("{\"key\":\"greeting\",\"value\":\"Grüezi\\nmitenand\"}\n");
        assertThat(Cli.run("export", map, "--sorted").out())
                .isEqualTo("key,value\ngreeting,\"Grüezi\nmitenand\"\nother,x\ty\n");
        assertThat(Cli.run("remove", map, "other").exitCode()).isZero();
        assertThat(Cli.run("verify", map).out())
                .startsWith(map + ": 1 entry in ")
                .endsWith(" bytes, no damage\n");
        assertThat(Cli.run("stats", map).out()).contains("entries  1\n", "keys     utf8\n", "values   utf8\n");
    }

    @Test
    void integersToFloats() {
        make(Codecs.int64(), Codecs.float64(), -17L, 1.5);
        assertThat(Cli.run("put", map, "--", "9223372036854775807", "-0.25").exitCode())
                .isZero();
        assertThat(Cli.run("get", map, "--", "-17").out()).isEqualTo("1.5\n");
        assertThat(Cli.run("scan", map, "--sorted", "--json").out())
                .isEqualTo("{\"key\":-17,\"value\":1.5}\n{\"key\":9223372036854775807,\"value\":-0.25}\n");
        Cli.Result wrong = Cli.run("get", map, "x");
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err())
                .isEqualTo("sherd: key \"x\": the keys of this map are int64, each an integer from"
                        + " -9223372036854775808 to 9223372036854775807, without plus sign or leading zeros.\n");
        assertThat(Cli.run("put", map, "1", "x").err())
                .isEqualTo("sherd: value \"x\": the values of this map are float64, each a number.\n");
        assertThat(Cli.run("put", map, "1", "--set", "a=b").exitCode()).isEqualTo(2);
    }

    @Test
    void uuidsToBytesAndInt32ToInt32() {
        var id = new UUID(1, 2);
        make(Codecs.uuid(), Codecs.bytes(), id, new byte[] {0, (byte) 0xFF});
        assertThat(Cli.run("get", map, id).out()).isEqualTo("00ff\n");
        Path other = map.resolve("other");
        try (DiskMap<Integer, Integer> written =
                DiskMap.builder(Codecs.int32(), Codecs.int32()).open(other)) {
            written.put(1, 2);
        }
        assertThat(Cli.run("scan", other).out()).isEqualTo("1\t2\n");
    }

    @Test
    void codecsOfAProgramAreNamed() {
        make(Codecs.utf8(), new Reversed(), "k", "v");
        Cli.Result result = Cli.run("get", map, "k");
        assertThat(result.exitCode()).isEqualTo(5);
        assertThat(result.err())
                .isEqualTo("sherd: the values of " + map + " are written with the codec \"com.acme.Reversed/1\", which"
                        + " only the program that made the map has; this command reads int32, int64, float64, utf8,"
                        + " bytes, uuid.\n");
    }

    @Test
    void importLeavesAMapOfPairsAlone() {
        make(Codecs.int64(), Codecs.int64(), 1L, 2L);
        Cli.Result result = Cli.runWith("id,v\n1,5\n", "import", "-", "--key", "id", "--into", map);
        assertThat(result.exitCode()).isEqualTo(5);
        assertThat(result.err())
                .isEqualTo("sherd: " + map + " holds a map of other types, which no import made (it has codec"
                        + " \"int64\"). Import into another directory.\n");
        assertThat(Cli.run("get", map, "1").out()).isEqualTo("2\n");
    }

    private static final class Reversed implements Codec<String> {
        @Override
        public String identity() {
            return "com.acme.Reversed/1";
        }

        @Override
        public int size(String value) {
            return value.length();
        }

        @Override
        public void encode(String value, MemorySegment target) {
            for (int i = 0; i < value.length(); i++) {
                target.set(ValueLayout.JAVA_BYTE, value.length() - 1L - i, (byte) value.charAt(i));
            }
        }

        @Override
        public String decode(MemorySegment source) {
            throw new UnsupportedOperationException("not needed here");
        }
    }
}
