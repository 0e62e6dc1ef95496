package io.sherd.spi;

import java.util.ArrayList;
import java.util.List;
import java.util.Spliterator;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RecursiveTask;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A traversal in the common pool: splits what there is as often as is worth it, takes the parts, and joins what came of them.
 *
 * @param <T> what is traversed
 * @param <R> what comes of a part; null if nothing does
 */
abstract class BulkTask<T, R> {
    private static final int PARTS_PER_THREAD = 4;

    private final Spliterator<T> source;
    private final long least;
    private final BiFunction<? super R, ? super R, ? extends R> reducer;

    /**
     * Prepares the traversal.
     *
     * @param threshold how many elements are too few to be split
     */
    BulkTask(Spliterator<T> source, long threshold, BiFunction<? super R, ? super R, ? extends R> reducer) {
        this.source = source;
        this.reducer = reducer;
        long size = source.estimateSize();
        int threads = ForkJoinPool.getCommonPoolParallelism();
        this.least = threads <= 1 && threshold > 1
                ? Long.MAX_VALUE
                : Math.max(threshold, size / (PARTS_PER_THREAD * Math.max(2L, threads)));
    }

    /** Takes a part to its end. */
    protected abstract @Nullable R take(Spliterator<T> part);

    final @Nullable R joined(@Nullable R a, @Nullable R b) {
        return a == null ? b : b == null ? a : reducer.apply(a, b);
    }

    final @Nullable R result() {
        return source.estimateSize() <= least ? take(source) : new Part(source).invoke();
    }

    private final class Part extends RecursiveTask<@Nullable R> {
        private static final long serialVersionUID = 1L;

        private final transient Spliterator<T> part;

        Part(Spliterator<T> part) {
            this.part = part;
        }

        @Override
        protected @Nullable R compute() {
            List<Part> others = new ArrayList<>();
            while (part.estimateSize() > least) {
                Spliterator<T> other = part.trySplit();
                if (other == null) {
                    break;
                }
                Part forked = new Part(other);
                others.add(forked);
                forked.fork();
            }
            R result = take(part);
            for (Part other : others.reversed()) {
                result = joined(result, other.join());
            }
            return result;
        }
    }
}
