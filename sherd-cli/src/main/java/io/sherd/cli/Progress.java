package io.sherd.cli;

import io.sherd.ImageProgress;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** The bar that shows how much is done, on a terminal; elsewhere nothing. */
final class Progress implements AutoCloseable {
    private static final int WIDTH = 78;
    private static final long MEBIBYTE = 1 << 20;
    private static final int UPDATE_MILLIS = 200;

    private final @Nullable ProgressBar bar;
    private final LongSupplier done;

    private Progress(@Nullable ProgressBar bar, LongSupplier done) {
        this.bar = bar;
        this.done = done;
    }

    static Progress of(Session session, Input input, boolean wanted) throws IOException {
        return of(session, wanted, "importing", input.size(), " MiB", MEBIBYTE, input::bytesRead);
    }

    /** A bar that counts entries and is told how many are done. */
    static Progress ofEntries(Session session, String task, boolean wanted) {
        return of(session, wanted, task, -1, " entries", 1, () -> 0);
    }

    /** A bar that counts bytes and is told how many are done. */
    static Progress ofBytes(Session session, String task, boolean wanted) {
        return of(session, wanted, task, -1, " MiB", MEBIBYTE, () -> 0);
    }

    private static Progress of(
            Session session, boolean wanted, String task, long max, String unit, long unitSize, LongSupplier done) {
        if (!wanted || !session.terminal()) {
            return new Progress(null, done);
        }
        ProgressBar bar = new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(max)
                .setUnit(unit, unitSize)
                .setSpeedUnit(ChronoUnit.SECONDS)
                .showSpeed()
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(UPDATE_MILLIS)
                .setConsumer(new ConsoleProgressBarConsumer(session.err(), WIDTH))
                .clearDisplayOnFinish()
                .build();
        return new Progress(bar, done);
    }

    void update() {
        if (bar != null) {
            bar.stepTo(done.getAsLong());
        }
    }

    void update(ImageProgress progress) {
        update(progress.entries(), progress.expectedEntries());
    }

    void update(long now, long expected) {
        if (bar != null) {
            bar.maxHint(Math.max(now, expected));
            bar.stepTo(now);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
