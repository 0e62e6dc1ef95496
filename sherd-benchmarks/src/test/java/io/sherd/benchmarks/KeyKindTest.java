package io.sherd.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeyKindTest {
    @ParameterizedTest
    @EnumSource
    void keysAreDistinctAndTheSameEachTime(KeyKind kind) {
        Object[] keys = kind.keys(0, 10_000);

        assertThat(new HashSet<>(List.of(keys))).hasSize(10_000);
        assertThat(kind.keys(0, 10_000)).isEqualTo(keys);
        assertThat(List.of(keys)).doesNotContainAnyElementsOf(List.of(kind.keys(KeyKind.ABSENT, 1_000)));
        assertThat(KeyKind.of(kind.label())).isEqualTo(kind);
    }

    @ParameterizedTest
    @EnumSource
    void probesAreOtherObjectsInAnotherOrder(KeyKind kind) {
        Object[] keys = kind.keys(0, 10_000);
        Object[] probes = kind.probes(10_000, 10_000);

        assertThat(probes).containsExactlyInAnyOrder(keys).isNotEqualTo(keys);
        IdentityHashMap<Object, Object> identities = new IdentityHashMap<>();
        Arrays.stream(keys).forEach(key -> identities.put(key, key));
        assertThat(Arrays.stream(probes).anyMatch(identities::containsKey)).isFalse();
        assertThat(kind.probes(10_000, 10_000)).isEqualTo(probes);
        assertThat(Set.of(kind.probes(10_000, 100))).hasSize(100);
    }

    @ParameterizedTest
    @EnumSource(names = "STRING24")
    void stringsHaveTwentyFourCharacters(KeyKind kind) {
        assertThat((String) kind.key(3)).hasSize(24).matches("[0-9a-f]+");
    }
}
