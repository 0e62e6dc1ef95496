package io.sherd.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class DiskPeersTest {
    private static final int ENTRIES = 3_000;

    @TempDir
    Path folder;

    static Stream<Arguments> maps() {
        return Peers.DISK.stream()
                .filter(DiskPeer::isMap)
                .flatMap(peer ->
                        Stream.of(KeyKind.values()).filter(peer::suits).map(kind -> Arguments.of(peer.name(), kind)));
    }

    @ParameterizedTest
    @MethodSource("maps")
    void isAMapThatCanBeOpenedAgain(String system, KeyKind kind) throws IOException {
        check(Peers.disk(system), DiskData.of(kind));
    }

    private <K, V> void check(DiskPeer peer, DiskData<K, V> data) throws IOException {
        Object[] keys = data.kind().keys(0, ENTRIES);
        long sum = 0;
        try (DiskStore<K, V> store = peer.open(data, folder, ENTRIES, false)) {
            try (DiskStore.Session<K, V> session = store.session(100)) {
                for (int i = 0; i < ENTRIES; i++) {
                    session.put(data.key(keys[i]), data.value(i));
                }
            }
            try (DiskStore.Session<K, V> session = store.session(1)) {
                session.put(data.key(keys[0]), data.value(5));
                for (int i = 0; i < ENTRIES; i++) {
                    K key = data.key(keys[i]);
                    V expected = data.value(i == 0 ? 5 : i);
                    V value = session.get(key);
                    assertThat(value).isEqualTo(expected);
                    sum += data.sum(key, expected);
                }
                assertThat(session.get(data.key(data.kind().key(KeyKind.ABSENT))))
                        .isNull();
                List<K> some = new ArrayList<>();
                for (int i = 0; i < 15; i++) {
                    some.add(data.key(data.kind().key(i * 10L)));
                }
                some.add(data.key(data.kind().key(KeyKind.ABSENT + 1)));
                assertThat(session.getAll(some)).isEqualTo(15);
            }
            assertThat(store.iterate()).isEqualTo(sum);
            try (DiskStore.Session<K, V> session = store.session(100)) {
                for (int i = 0; i < 1_000; i++) {
                    session.remove(data.key(keys[i]));
                }
            }
        }
        try (DiskStore<K, V> store = peer.open(data, folder, ENTRIES, false);
                DiskStore.Session<K, V> session = store.session(1)) {
            for (int i = 0; i < ENTRIES; i++) {
                V value = session.get(data.key(keys[i]));
                if (i < 1_000) {
                    assertThat(value).isNull();
                } else {
                    assertThat(value).isEqualTo(data.value(i));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void findsWhatIsInAFlatLog(KeyKind kind) throws IOException {
        checkLookUps(DiskData.of(kind));
    }

    private <K, V> void checkLookUps(DiskData<K, V> data) throws IOException {
        Object[] keys = data.kind().keys(0, ENTRIES);
        try (DiskStore<K, V> store = Peers.disk("FlatLog").open(data, folder, ENTRIES, false);
                DiskStore.Session<K, V> session = store.session(1)) {
            for (int i = 0; i < ENTRIES; i++) {
                session.put(data.key(keys[i]), data.value(i));
            }
            for (int i = 0; i < ENTRIES; i++) {
                V value = session.get(data.key(keys[i]));
                assertThat(value).isEqualTo(data.value(i));
            }
            assertThat(session.get(data.key(data.kind().key(KeyKind.ABSENT)))).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("durableSystems")
    void putsDurably(String system) throws IOException {
        DiskData<Long, Long> data = DiskData.LONGS;
        try (DiskStore<Long, Long> store = Peers.disk(system).open(data, folder, ENTRIES, true);
                DiskStore.Session<Long, Long> session = store.session(1)) {
            for (long i = 0; i < 50; i++) {
                session.put(KeyKind.mix(i), i);
            }
        }
        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile)
                            .mapToLong(DiskPeersTest::size)
                            .sum())
                    .isGreaterThanOrEqualTo(50 * 16);
        }
    }

    static List<String> durableSystems() {
        return new DurableSuite().systems();
    }

    private static long size(Path file) {
        return file.toFile().length();
    }
}
