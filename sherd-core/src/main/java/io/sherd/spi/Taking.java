package io.sherd.spi;

import io.sherd.KeyDeadlockException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One key on its way to an owner without a thread. It ends exactly once: with the entry, or without it, be that since the
 * wait would never end, or since the result is of no use any more.
 *
 * <h2>Phases</h2>
 *
 * <pre>
 *   QUEUEING --enter--&gt; WAITING --wake--&gt; WOKEN --executor--&gt; QUEUEING or GONE
 *      \--wake--&gt; WOKEN    \--withdraw--&gt; GONE
 * </pre>
 *
 * <p>The waiter may be woken as soon as it is queued, by a thread that has the lock of the hold. While it is QUEUEING, the one who
 * queues it has not entered it into the {@link WaitGraph} yet, and finds out about the wake-up afterwards; otherwise an
 * entry could stay in the graph. So of a wake-up and a withdrawal exactly one gets the waiter out of WAITING: the
 * other has nothing to do, and a wake-up that comes to one who has withdrawn is passed on by {@link Hold#abandon}.
 */
final class Taking<K, V> {
    private static final int QUEUEING = 0;
    private static final int WAITING = 1;
    private static final int WOKEN = 2;
    private static final int GONE = 3;

    private final AsyncView<K, V> view;
    private final K key;
    private final Waiter waiter;
    private final CompletableFuture<?> result;
    private final Consumer<HeldEntry<K, V>> taken;
    private final Runnable untaken;
    private final AtomicInteger phase = new AtomicInteger();

    /** The thread that is handing the work over; where the executor runs it at once, that still has the lock of the hold. */
    private volatile @Nullable Thread handing;

    private Taking(
            AsyncView<K, V> view,
            K key,
            Owner owner,
            CompletableFuture<?> result,
            Consumer<HeldEntry<K, V>> taken,
            Runnable untaken) {
        this.view = view;
        this.key = key;
        this.result = result;
        this.taken = taken;
        this.untaken = untaken;
        this.waiter = Waiter.callback(owner, this::wake);
    }

    /**
     * Takes a key, at once if it is free.
     *
     * @param result what is withdrawn from outside when nobody wants the key any more, and fails when it cannot be had
     * @param taken gets the entry, in the calling thread or one of the executor's
     * @param untaken runs instead of that, before the result fails
     */
    static <K, V> void start(
            AsyncView<K, V> view,
            K key,
            Owner owner,
            CompletableFuture<?> result,
            Consumer<HeldEntry<K, V>> taken,
            Runnable untaken) {
        HeldEntry<K, V> entry;
        try {
            entry = view.map.take(key, owner.id, null);
        } catch (RuntimeException | Error failure) {
            untaken.run();
            result.completeExceptionally(failure);
            return;
        }
        if (entry != null) {
            taken.accept(entry);
        } else {
            queue(view, key, owner, result, taken, untaken);
        }
    }

    /** Takes a key that somebody else seems to hold. */
    static <K, V> void queue(
            AsyncView<K, V> view,
            K key,
            Owner owner,
            CompletableFuture<?> result,
            Consumer<HeldEntry<K, V>> taken,
            Runnable untaken) {
        Taking<K, V> taking = new Taking<>(view, key, owner, result, taken, untaken);
        var _ = result.whenComplete((value, failure) -> taking.withdraw());
        taking.queue();
    }

    private void queue() {
        for (; ; ) {
            phase.set(QUEUEING);
            HeldEntry<K, V> entry;
            try {
                entry = view.map.take(key, waiter.owner, waiter);
            } catch (RuntimeException | Error failure) {
                fail(failure);
                return;
            }
            if (entry != null) {
                phase.set(GONE);
                if (result.isDone()) {
                    entry.close();
                    untaken.run();
                } else {
                    taken.accept(entry);
                }
                return;
            }
            try {
                WaitGraph.enter(waiter);
            } catch (KeyDeadlockException deadlock) {
                fail(deadlock);
                return;
            }
            if (phase.compareAndSet(QUEUEING, WAITING)) {
                if (result.isDone()) {
                    withdraw();
                }
                return;
            }
            WaitGraph.leave(waiter);
        }
    }

    private void fail(Throwable failure) {
        phase.set(GONE);
        forget();
        untaken.run();
        result.completeExceptionally(failure);
    }

    private void forget() {
        view.map.abandon(key, waiter);
    }

    private void withdraw() {
        if (phase.compareAndSet(WAITING, GONE)) {
            WaitGraph.leave(waiter);
            forget();
            untaken.run();
        }
    }

    /** Called under the lock of the hold. */
    private void wake() {
        if (phase.compareAndSet(QUEUEING, WOKEN) || !phase.compareAndSet(WAITING, WOKEN)) {
            return;
        }
        handing = Thread.currentThread();
        try {
            view.executor.execute(this::woken);
        } catch (RuntimeException | Error refused) {
            AsyncView.VIRTUAL.execute(() -> {
                WaitGraph.leave(waiter);
                fail(refused);
            });
        } finally {
            handing = null;
        }
    }

    @SuppressWarnings("ReferenceEquality") // this very thread
    private void woken() {
        if (handing == Thread.currentThread()) {
            AsyncView.VIRTUAL.execute(this::comeAgain);
        } else {
            comeAgain();
        }
    }

    private void comeAgain() {
        WaitGraph.leave(waiter);
        if (result.isDone()) {
            phase.set(GONE);
            forget();
            untaken.run();
        } else {
            queue();
        }
    }
}
