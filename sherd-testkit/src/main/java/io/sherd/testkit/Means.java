package io.sherd.testkit;

import io.sherd.LockedEntry;
import io.sherd.ShardedMap;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The operations that run a function and hold the key meanwhile; between {@code lock} and {@code close} anything may run. */
enum Means {
    COMPUTE(true, true) {
        @Override
        @Nullable
        Object apply(ShardedMap<Object, Object> map, Object key, Supplier<? extends @Nullable Object> function) {
            return map.compute(key, (k, v) -> function.get());
        }
    },
    COMPUTE_IF_ABSENT(false, true) {
        @Override
        @Nullable
        Object apply(ShardedMap<Object, Object> map, Object key, Supplier<? extends @Nullable Object> function) {
            return map.computeIfAbsent(key, k -> function.get());
        }
    },
    COMPUTE_IF_PRESENT(true, false) {
        @Override
        @Nullable
        Object apply(ShardedMap<Object, Object> map, Object key, Supplier<? extends @Nullable Object> function) {
            return map.computeIfPresent(key, (k, v) -> function.get());
        }
    },
    MERGE(true, false) {
        @Override
        @Nullable
        Object apply(ShardedMap<Object, Object> map, Object key, Supplier<? extends @Nullable Object> function) {
            Object value = map.get(key);
            if (value == null) {
                throw new IllegalStateException("merge runs no function for an absent key");
            }
            return map.merge(key, value, (v, given) -> function.get());
        }
    },
    LOCK(true, true) {
        @Override
        @Nullable
        Object apply(ShardedMap<Object, Object> map, Object key, Supplier<? extends @Nullable Object> function) {
            try (LockedEntry<Object, Object> entry = map.lock(key)) {
                Object result = function.get();
                if (result == null) {
                    entry.remove();
                } else {
                    entry.setValue(result);
                }
                return result;
            }
        }
    };

    private final boolean present;
    private final boolean absent;

    Means(boolean present, boolean absent) {
        this.present = present;
        this.absent = absent;
    }

    /** Holds the key while the function runs, which gives the new value. */
    abstract @Nullable Object apply(
            ShardedMap<Object, Object> map, Object key, Supplier<? extends @Nullable Object> function);

    static List<Means> forPresent() {
        return Arrays.stream(values()).filter(means -> means.present).toList();
    }

    static List<Means> forAbsent() {
        return Arrays.stream(values()).filter(means -> means.absent).toList();
    }
}
