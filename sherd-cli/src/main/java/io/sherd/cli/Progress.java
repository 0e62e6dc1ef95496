package io.sherd.cli;

import java.io.IOException;
import java.time.temporal.ChronoUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** The bar that shows how much of the input has been read, on a terminal; elsewhere nothing. */
final class Progress implements AutoCloseable {
    private static final int WIDTH = 78;
    private static final long MEBIBYTE = 1 << 20;
    private static final int UPDATE_MILLIS = 200;

    private final @Nullable ProgressBar bar;
    private final Input input;

    private Progress(@Nullable ProgressBar bar, Input input) {
        this.bar = bar;
        this.input = input;
    }

    static Progress of(Session session, Input input, boolean wanted) throws IOException {
        if (!wanted || !session.terminal()) {
            return new Progress(null, input);
        }
        ProgressBar bar = new ProgressBarBuilder()
                .setTaskName("importing")
                .setInitialMax(input.size())
                .setUnit(" MiB", MEBIBYTE)
                .setSpeedUnit(ChronoUnit.SECONDS)
                .showSpeed()
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(UPDATE_MILLIS)
                .setConsumer(new ConsoleProgressBarConsumer(session.err(), WIDTH))
                .clearDisplayOnFinish()
                .build();
        return new Progress(bar, input);
    }

    void update() {
        if (bar != null) {
            bar.stepTo(input.bytesRead());
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
