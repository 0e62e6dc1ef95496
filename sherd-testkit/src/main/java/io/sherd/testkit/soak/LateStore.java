package io.sherd.testkit.soak;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Answers every write from memory and hands it to the store later. Within the process nothing is to be seen of it; a kill
 * loses what was acknowledged and still waits.
 */
final class LateStore extends ForwardingStore {
    private static final long DELAY_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    /** A write that waits; two are never equal. */
    private static final class Write {
        final int key;
        final byte @Nullable [] value;

        Write(int key, byte @Nullable [] value) {
            this.key = key;
            this.value = value;
        }
    }

    private final Map<Integer, Write> waiting = new HashMap<>();
    private final BlockingQueue<Write> queue = new LinkedBlockingQueue<>();

    LateStore(StoreUnderTest store) {
        super(store);
        Thread.ofPlatform().daemon().name("late writer").start(this::apply);
    }

    @Override
    public synchronized byte @Nullable [] get(int key) {
        Write write = waiting.get(key);
        return write == null ? store.get(key) : write.value;
    }

    @Override
    public byte @Nullable [] put(int key, byte[] value) {
        return exchange(key, old -> value);
    }

    @Override
    public byte @Nullable [] remove(int key) {
        return exchange(key, old -> null);
    }

    @Override
    public byte @Nullable [] putIfAbsent(int key, byte[] value) {
        return exchange(key, old -> old == null ? value : old);
    }

    @Override
    public byte @Nullable [] replace(int key, byte[] value) {
        return exchange(key, old -> old == null ? null : value);
    }

    @Override
    public boolean replace(int key, byte[] expected, byte[] update) {
        byte[] old = exchange(key, present -> Arrays.equals(present, expected) ? update : present);
        return Arrays.equals(old, expected);
    }

    @Override
    public synchronized byte @Nullable [] compute(int key, UnaryOperator<byte @Nullable []> function) {
        exchange(key, function);
        return get(key);
    }

    private synchronized byte @Nullable [] exchange(int key, UnaryOperator<byte @Nullable []> function) {
        byte[] old = get(key);
        byte[] update = function.apply(old);
        if (!Arrays.equals(update, old)) {
            Write write = new Write(key, update);
            waiting.put(key, write);
            queue.add(write);
        }
        return old;
    }

    private void apply() {
        try {
            while (true) {
                Write write = queue.take();
                LockSupport.parkNanos(DELAY_NANOS);
                synchronized (this) {
                    if (write.value == null) {
                        store.remove(write.key);
                    } else {
                        store.put(write.key, write.value);
                    }
                    waiting.remove(write.key, write);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
