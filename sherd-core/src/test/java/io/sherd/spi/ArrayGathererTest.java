package io.sherd.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** More, fewer and as many elements as were expected, about the borders of the pieces. */
final class ArrayGathererTest {
    private static ArrayGatherer<Integer> gathered(long expected, int count) {
        ArrayGatherer<Integer> gatherer = new ArrayGatherer<>(expected);
        IntStream.range(0, count).forEach(gatherer::accept);
        return gatherer;
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0, 1",
        "0, 9",
        "1, 0",
        "7, 7",
        "8, 9",
        "1023, 1024",
        "1024, 1024",
        "1024, 1025",
        "1025, 1024",
        "10, 5000",
        "5000, 10",
        "4096, 4096",
        "100000, 99999",
        "-1, 3"
    })
    void allComeInOrder(long expected, int count) {
        Integer[] all = IntStream.range(0, count).boxed().toArray(Integer[]::new);

        assertThat(gathered(expected, count).toArray())
                .isExactlyInstanceOf(Object[].class)
                .containsExactly((Object[]) all);
        assertThat(gathered(expected, count).toArray(new Integer[0])).containsExactly(all);
        Integer[] large = IntStream.range(0, count + 2).map(i -> -1).boxed().toArray(Integer[]::new);
        assertThat(gathered(expected, count).toArray(large)).isSameAs(large);
        assertThat(Arrays.copyOf(large, count)).containsExactly(all);
        assertThat(large[count]).isNull();
        assertThat(large[count + 1]).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource({"0, 3", "3, 3000"})
    void anArrayOfAnotherClassIsRefused(long expected, int count) {
        assertThatThrownBy(() -> gathered(expected, count).toArray(new String[0]))
                .isInstanceOf(ArrayStoreException.class);
        assertThatThrownBy(() -> gathered(expected, count).toArray(new String[count]))
                .isInstanceOf(ArrayStoreException.class);
    }
}
