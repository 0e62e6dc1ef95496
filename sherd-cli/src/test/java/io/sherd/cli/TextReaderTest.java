package io.sherd.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TextReaderTest {
    private static TextReader reader(byte[] bytes, int step) {
        InputStream in = new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, step));
            }
        };
        return new TextReader("rows", in, UTF_8);
    }

    private static String readAll(TextReader reader, int room) throws IOException {
        var text = new StringBuilder();
        char[] buffer = new char[room];
        for (int read = reader.read(buffer, 0, room); read >= 0; read = reader.read(buffer, 0, room)) {
            text.append(buffer, 0, read);
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 100_000})
    void charactersComeWholeThroughAnyBuffer(int size) throws IOException {
        String text = "aü東\uD83C\uDFFA\n".repeat(2000);
        assertThat(readAll(reader(text.getBytes(UTF_8), size), 1024)).isEqualTo(text);
        assertThat(readAll(reader(text.getBytes(UTF_8), 100_000), size)).isEqualTo(text);
        assertThat(readAll(reader(("\uFEFF" + text).getBytes(UTF_8), size), size))
                .isEqualTo(text);
    }

    @Test
    void onlyTheFirstMarkIsLeftOut() throws IOException {
        assertThat(readAll(reader("\uFEFF\uFEFFa\uFEFF".getBytes(UTF_8), 100), 100))
                .isEqualTo("\uFEFFa\uFEFF");
        assertThat(readAll(reader("\uFEFF".getBytes(UTF_8), 100), 100)).isEmpty();
    }

    @Test
    void badBytesComeAfterTheTextBeforeThem() throws IOException {
        byte[] bytes = "one\ntwo\n?".getBytes(UTF_8);
        bytes[bytes.length - 1] = (byte) 0xFF;
        TextReader reader = reader(bytes, 100);
        char[] buffer = new char[100];
        assertThat(reader.read(buffer, 0, 100)).isEqualTo(8);
        assertThatThrownBy(() -> reader.read(buffer, 0, 100))
                .isInstanceOf(CommandFailure.class)
                .hasMessageStartingWith("rows:3: byte 8 of the text does not fit the encoding UTF-8");
    }

    @Test
    void aCharacterCutOffAtTheEndIsBad() {
        assertThatThrownBy(() -> readAll(reader(new byte[] {'a', (byte) 0xC3}, 100), 100))
                .isInstanceOf(CommandFailure.class);
    }
}
