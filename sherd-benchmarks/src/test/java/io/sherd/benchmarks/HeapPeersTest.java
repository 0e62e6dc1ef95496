package io.sherd.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HeapPeersTest {
    private static final int ENTRIES = 2_000;

    static List<String> systems() {
        return Peers.HEAP.stream().map(HeapPeer::name).toList();
    }

    @ParameterizedTest
    @MethodSource("systems")
    void isAMap(String system) {
        for (KeyKind kind : KeyKind.values()) {
            Map<Object, Long> map = Peers.heap(system).create();
            for (int i = 0; i < ENTRIES; i++) {
                assertThat(map.put(kind.key(i), (long) i)).isNull();
            }
            for (Object probe : kind.probes(ENTRIES, ENTRIES)) {
                assertThat(map.get(probe)).isNotNull();
            }
            assertThat(map.get(kind.key(KeyKind.ABSENT))).isNull();
            assertThat(map.put(kind.key(7), -7L)).isEqualTo(7L);
            assertThat(map.computeIfAbsent(kind.key(7), key -> 0L)).isEqualTo(-7L);
            assertThat(map.merge(kind.key(8), 1L, Long::sum)).isEqualTo(9L);
            assertThat(map.remove(kind.key(9))).isEqualTo(9L);
            assertThat(map).hasSize(ENTRIES - 1);

            Set<Object> seen = new HashSet<>();
            for (Map.Entry<Object, Long> entry : map.entrySet()) {
                assertThat(seen.add(entry.getKey())).isTrue();
            }
            assertThat(seen).hasSize(ENTRIES - 1).doesNotContain(kind.key(9));
            assertThat(new ArrayList<>(map.entrySet())).hasSize(ENTRIES - 1);
            List<Object> handed = new ArrayList<>();
            map.forEach((key, value) -> handed.add(key));
            assertThat(handed).containsExactlyInAnyOrderElementsOf(seen);
        }
    }

    @ParameterizedTest
    @MethodSource("systems")
    void countsEveryHashCodeCall(String system) {
        // at least the put itself asks once; how often growth asks again is what the probe is for
        assertThat(HeapProbe.hashesPerEntry(Peers.heap(system), 10_000)).isBetween(1.0, 40.0);
    }
}
