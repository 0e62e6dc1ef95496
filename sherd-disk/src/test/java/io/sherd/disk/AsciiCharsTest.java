package io.sherd.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Packing in both ways, and which one suits a processor. */
final class AsciiCharsTest {
    @TempDir
    Path directory;

    @Test
    void bothWaysPackTheSame() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 10_000; i++) {
            long four = random.nextLong() & 0x007f_007f_007f_007fL;
            long packed =
                    (four & 0x7f) | (four >>> 16 & 0x7f) << 8 | (four >>> 32 & 0x7f) << 16 | (four >>> 48 & 0x7f) << 24;
            assertThat(AsciiChars.compress(four)).isEqualTo(packed);
            assertThat(AsciiChars.shiftTogether(four)).isEqualTo(packed);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GenuineIntel, 6, fpu bmi1 avx2 bmi2 erms, true",
        "GenuineIntel, 6, fpu bmi1 avx2 erms, false",
        "AuthenticAMD, 25, fpu bmi2, true",
        "AuthenticAMD, 26, bmi2 fpu, true",
        "AuthenticAMD, 23, fpu bmi2, false",
        "AuthenticAMD, many, fpu bmi2, false",
        "HygonGenuine, 24, fpu bmi2, false",
    })
    void knowsWhereCompressingIsFast(String vendor, String family, String flags, boolean fast) throws IOException {
        Path file = Files.writeString(
                directory.resolve("cpuinfo"),
                "processor\t: 0\nvendor_id\t: " + vendor + "\ncpu family\t: " + family + "\nno colon\nflags\t\t: "
                        + flags + "\n\nprocessor\t: 1\nvendor_id\t: GenuineIntel\nflags\t\t: bmi2\n");
        assertThat(AsciiChars.isCompressFast(file)).isEqualTo(fast);
    }

    @Test
    void takesItAsSlowWhereNothingIsKnown() throws IOException {
        assertThat(AsciiChars.isCompressFast(directory.resolve("missing"))).isFalse();
        assertThat(AsciiChars.isCompressFast(directory)).isFalse();
        assertThat(AsciiChars.isCompressFast(Files.createFile(directory.resolve("empty"))))
                .isFalse();
    }
}
