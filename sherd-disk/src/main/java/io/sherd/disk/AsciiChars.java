package io.sherd.disk;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The characters of a string, read four at a time, and packed into the bytes of its encoding.
 *
 * <p>Why not {@link String#getBytes(java.nio.charset.Charset)}: with AVX-512 the platform copies a short array by a store under a mask, and a
 * processor does not hand what such a store wrote on to loads. Whoever computes a hash of the copy waits until the store has left the processor, and that it does only after
 * all before it: the look-up before must have come to its end, with all its misses of the cache, before the next one knows where to look. Characters are
 * copied by stores without a mask, at offsets that are multiples of four; {@code docs/decisions.md} has figures.
 */
final class AsciiChars {
    /**
     * Whether characters lie in memory as is supposed here, and plain reads of a word are of one piece, as {@link Table#nearHome} needs. Nothing else is to be used where that is not so.
     */
    static final boolean AVAILABLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
            && "64".equals(System.getProperty("sun.arch.data.model"));

    private static final ValueLayout.OfLong FOUR = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final long NOT_ASCII = 0xff80_ff80_ff80_ff80L;
    private static final long LOWER_BYTES = 0x00ff_00ff_00ff_00ffL;

    /** Whether {@link Long#compress} is one instruction, and one that takes no longer than others. */
    private static final boolean COMPRESSES = isCompressFast(Path.of("/proc/cpuinfo"));

    private AsciiChars() {}

    /**
     * Whether the processor that a file describes has PEXT in hardware: those with BMI2, but for AMD's before Zen 3 and what was made after them, where it takes some hundred cycles. Where
     * that is not known, it is taken as slow.
     */
    static boolean isCompressFast(Path description) {
        Map<String, String> processor = new HashMap<>();
        try (BufferedReader lines = Files.newBufferedReader(description, StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine(); line != null && !line.isBlank(); line = lines.readLine()) {
                int colon = line.indexOf(':');
                if (colon >= 0) {
                    processor.put(
                            line.substring(0, colon).strip(),
                            line.substring(colon + 1).strip());
                }
            }
        } catch (IOException | SecurityException unknown) {
            return false;
        }
        return (" " + processor.getOrDefault("flags", "") + " ").contains(" bmi2 ")
                && switch (processor.getOrDefault("vendor_id", "")) {
                    case "GenuineIntel" -> true;
                    case "AuthenticAMD" -> isAtLeast(25, processor.getOrDefault("cpu family", ""));
                    default -> false;
                };
    }

    private static boolean isAtLeast(int least, String number) {
        try {
            return Integer.parseInt(number) >= least;
        } catch (NumberFormatException unknown) {
            return false;
        }
    }

    /**
     * Four characters.
     *
     * @param chars an array of characters, whole
     * @param index the first one, a multiple of four
     * @return 16 bits for each, the first one lowest
     */
    static long four(MemorySegment chars, int index) {
        return chars.get(FOUR, 2L * index);
    }

    /**
     * Whether characters are ASCII.
     *
     * @param seen the characters, and what else is to be asked for, joined by <i>or</i>
     * @return false if there is another among them
     */
    static boolean areAscii(long seen) {
        return (seen & NOT_ASCII) == 0;
    }

    /**
     * Packs eight ASCII characters.
     *
     * @param low the first four
     * @param high the others
     * @return their bytes, the first one lowest
     */
    static long pack(long low, long high) {
        return pack(low) | pack(high) << Integer.SIZE;
    }

    /**
     * Packs four ASCII characters.
     *
     * @param four the characters
     * @return their bytes, the first one lowest, in the lower half
     */
    static long pack(long four) {
        return COMPRESSES ? compress(four) : shiftTogether(four);
    }

    static long compress(long four) {
        return Long.compress(four, LOWER_BYTES);
    }

    /** The same for any processor. */
    static long shiftTogether(long four) {
        long pairs = (four | four >>> 8) & 0x0000_ffff_0000_ffffL;
        return (pairs | pairs >>> 16) & 0xffff_ffffL;
    }
}
