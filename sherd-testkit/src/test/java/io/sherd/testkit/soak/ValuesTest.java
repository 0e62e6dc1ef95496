package io.sherd.testkit.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.sherd.testkit.soak.StoreSettings.Shape;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Keys and values of the harness tell the right from the wrong. */
final class ValuesTest {

    @ParameterizedTest
    @EnumSource
    void valueSaysItsKeyAndVersion(Shape shape) {
        Values values = new Values(shape);
        for (int key = 0; key < 2_000; key++) {
            long version = (key * 77L + 1) << 20;
            byte[] value = values.of(key, version);
            assertThat(values.version(key, value)).isEqualTo(version);
            assertThat(values.version(key + 1, value)).isEqualTo(Values.NONE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void flippedBitIsNoValue(Shape shape) {
        Values values = new Values(shape);
        for (int key = 0; key < 500; key++) {
            byte[] value = values.of(key, 5);
            value[key % value.length] ^= (byte) (1 << (key % 8));
            assertThat(values.version(key, value)).isNotEqualTo(5);
        }
    }

    @ParameterizedTest
    @EnumSource
    void keysDifferAndComeBack(Shape shape) {
        Set<Object> seen = new HashSet<>();
        for (int key = 0; key < Keys.LIMIT; key += 7) {
            if (shape == Shape.FIXED) {
                assertThat(Keys.ofFixed(Keys.fixed(key))).isEqualTo(key);
                assertThat(seen.add(Keys.fixed(key))).isTrue();
            } else {
                assertThat(Keys.ofText(Keys.text(key))).isEqualTo(key);
                assertThat(seen.add(Keys.text(key))).isTrue();
            }
        }
    }
}
