package io.sherd.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every example runs, and shows what it says. */
@Timeout(60)
final class ExamplesTest {
    @FunctionalInterface
    private interface Example {
        void main(String[] args) throws Exception;
    }

    private static String[] outputOf(Example example) throws Exception {
        PrintStream usual = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream caught = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            System.setOut(caught);
            example.main(new String[0]);
        } finally {
            System.setOut(usual);
        }
        return bytes.toString(StandardCharsets.UTF_8).lines().toArray(String[]::new);
    }

    @Test
    void singleFlight() throws Exception {
        assertThat(outputOf(SingleFlight::main)).containsExactly("100 readers, 3 fetches: [/footer, /header, /index]");
    }

    @Test
    void rateLimiter() throws Exception {
        assertThat(outputOf(RateLimiter::main))
                .containsExactly(
                        "alice, every 0.4 s: yes yes yes yes no yes no no yes no yes no no yes no",
                        "bob, meanwhile: yes");
    }

    @Test
    void orderStates() throws Exception {
        assertThat(outputOf(OrderStates::main))
                .containsExactly(
                        "order 7 is NEW, not PAID",
                        "order 7 stays NEW: the bank does not answer",
                        "seen by others: null",
                        "while it is paid, others see: null",
                        "order 7 is PAID",
                        "order 7 is SHIPPED",
                        "seen by others: SHIPPED");
    }

    @Test
    void transfer() throws Exception {
        assertThat(outputOf(Transfer::main))
                .containsExactly(
                        "after 1,000 transfers that cross, together: 2000",
                        "carol, who has nothing, pays: false",
                        "bob pays carol: true, she has 5");
    }

    @Test
    void bank() throws Exception {
        assertThat(outputOf(Bank::main))
                .containsExactly(
                        "after 1,000 transfers, together: 200",
                        "each of 1,000 audits meanwhile found 200: true",
                        "dave, who has nothing, pays: false",
                        "dave has an account: false",
                        "some transfers were aborted: true");
    }

    @Test
    void asyncLoading() throws Exception {
        assertThat(outputOf(AsyncLoading::main))
                .containsExactly(
                        "100 asked, answered so far: 0",
                        "[failed: the server is down], requests: 1",
                        "[alice of Zürich], requests: 2",
                        "alice of Zürich, requests: 2");
    }
}
