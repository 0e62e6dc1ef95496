package io.sherd.spi;

import io.sherd.AsyncMap;
import io.sherd.LockedEntries;
import io.sherd.ShardedMap;
import java.time.Duration;
import java.util.AbstractCollection;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.DoubleBinaryOperator;
import java.util.function.IntBinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.Predicate;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToIntBiFunction;
import java.util.function.ToLongBiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a {@link ShardedMap} that follow from its single-key operations and one traversal: views, equality, batches.
 *
 * <p>An implementation gives {@link #entrySpliterator} and the single-key operations, and overrides a batch where it can
 * take one lock for several keys.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public abstract class AbstractShardedMap<K, V> implements ShardedMap<K, V> {

    private static final Duration LONGEST_WAIT = Duration.ofNanos(Long.MAX_VALUE / 2);

    /** The asynchronous view with the default executor; null until it is asked for. */
    private volatile @Nullable AsyncView<K, V> async;

    /** Creates the map. */
    protected AbstractShardedMap() {}

    /**
     * Traverses the entries, weakly consistently, splitting by shard.
     *
     * <p>It reports {@link Spliterator#CONCURRENT}, {@link Spliterator#DISTINCT} and {@link Spliterator#NONNULL}. Its
     * entries write through with {@code setValue} and are otherwise fixed.
     *
     * @return a new spliterator
     */
    protected abstract Spliterator<Map.Entry<K, V>> entrySpliterator();

    /**
     * Whether two values are the same to this map; {@code equals} unless overridden.
     *
     * @param a a value
     * @param b another
     * @return whether they are equal
     */
    protected boolean valuesEqual(@Nullable Object a, @Nullable Object b) {
        return Objects.equals(a, b);
    }

    /**
     * The length of a wait.
     *
     * @param wait the wait as a user gave it
     * @return nanoseconds, at least 0 and at most half of what a {@code long} holds, so that deadlines do not overflow
     */
    protected static long nanosOf(Duration wait) {
        return wait.isNegative() ? 0 : wait.compareTo(LONGEST_WAIT) < 0 ? wait.toNanos() : LONGEST_WAIT.toNanos();
    }

    // ---- keys taken by owners that are no threads

    /**
     * Takes a key for an owner, and never waits for another.
     *
     * @param key the key
     * @param owner who takes it, a negative number
     * @param waiter who is queued if somebody holds the key; null if nobody is to be queued
     * @return its entry, or null if somebody else holds the key or is before this one
     * @throws IllegalStateException if the owner holds it already
     */
    protected abstract @Nullable HeldEntry<K, V> take(K key, long owner, @Nullable Waiter waiter);

    /**
     * Forgets somebody who was queued by {@link #take} and waits no longer, whether or not it was woken.
     *
     * @param key the key
     * @param waiter the waiter
     */
    protected abstract void abandon(K key, Waiter waiter);

    /**
     * What is equal exactly for keys that are the same to the map.
     *
     * @param key a key
     * @return its identity
     */
    protected abstract Object identity(K key);

    /**
     * The number by which {@link HeldKeys} orders keys.
     *
     * @param key a key
     * @return its hash, equal for keys that are the same
     */
    protected abstract long orderOf(K key);

    /**
     * Makes open entries one.
     *
     * @param entries entries that {@link #take} gave, by the identity of their keys, in the order to show them
     * @return the same, closed together
     */
    protected abstract LockedEntries<K, V> together(Map<Object, ? extends HeldEntry<K, V>> entries);

    /**
     * Whether a value is the one that a compare-and-set expects.
     *
     * @param present a value of the map
     * @param expected what is expected
     * @return whether they are equal
     */
    protected boolean isExpected(V present, V expected) {
        return expected.equals(present);
    }

    /**
     * Whether closing an entry may take long, since the write has to go somewhere.
     *
     * @return false unless overridden
     */
    protected boolean closesSlowly() {
        return false;
    }

    /** Waits until all that the caller has written is as durable as the map promises. */
    protected void awaitDurable() {}

    @Override
    public AsyncMap<K, V> async() {
        AsyncView<K, V> view = async;
        return view != null ? view : firstAsync();
    }

    @Override
    public AsyncMap<K, V> async(Executor executor) {
        return firstAsync().on(Objects.requireNonNull(executor, "executor"));
    }

    private synchronized AsyncView<K, V> firstAsync() {
        AsyncView<K, V> view = async;
        if (view == null) {
            async = view = new AsyncView<>(this);
        }
        return view;
    }

    @Override
    public boolean isEmpty() {
        return mappingCount() == 0;
    }

    @Override
    public boolean containsKey(Object key) {
        return get(key) != null;
    }

    @Override
    public boolean containsValue(Object value) {
        Objects.requireNonNull(value, "value");
        for (Iterator<Map.Entry<K, V>> entries = entryIterator(); entries.hasNext(); ) {
            if (valuesEqual(value, entries.next().getValue())) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Map<K, V> getAll(Collection<? extends K> keys) {
        Map<K, V> found = LinkedHashMap.newLinkedHashMap(keys.size());
        for (K key : keys) {
            V value = get(Objects.requireNonNull(key, "key"));
            if (value != null) {
                found.put(key, value);
            }
        }
        return found;
    }

    @Override
    public void putAll(Map<? extends K, ? extends V> entries) {
        entries.forEach(this::put);
    }

    @Override
    public int removeAll(Collection<? extends K> keys) {
        int removed = 0;
        for (K key : keys) {
            if (remove(Objects.requireNonNull(key, "key")) != null) {
                removed++;
            }
        }
        return removed;
    }

    @Override
    public int removeIf(BiPredicate<? super K, ? super V> filter) {
        Objects.requireNonNull(filter, "filter");
        long[] removed = {0};
        entrySpliterator().forEachRemaining(entry -> {
            K key = entry.getKey();
            for (V value = entry.getValue(); value != null && filter.test(key, value); value = get(key)) {
                if (remove(key, value)) {
                    removed[0]++;
                    break;
                }
            }
        });
        return (int) Math.min(removed[0], Integer.MAX_VALUE);
    }

    @Override
    public void replaceAll(BiFunction<? super K, ? super V, ? extends V> function) {
        Objects.requireNonNull(function, "function");
        entrySpliterator()
                .forEachRemaining(entry -> computeIfPresent(
                        entry.getKey(),
                        (key, value) -> Objects.requireNonNull(function.apply(key, value), "replacement value")));
    }

    // ---- bulk

    @Override
    public void forEach(long parallelismThreshold, BiConsumer<? super K, ? super V> action) {
        Objects.requireNonNull(action, "action");
        new BulkTask<Map.Entry<K, V>, Boolean>(entrySpliterator(), parallelismThreshold, (a, b) -> a) {
            @Override
            protected @Nullable Boolean take(Spliterator<Map.Entry<K, V>> part) {
                part.forEachRemaining(entry -> action.accept(entry.getKey(), entry.getValue()));
                return null;
            }
        }.result();
    }

    @Override
    public <U> @Nullable U search(
            long parallelismThreshold, BiFunction<? super K, ? super V, ? extends @Nullable U> function) {
        Objects.requireNonNull(function, "function");
        AtomicReference<@Nullable U> answer = new AtomicReference<>();
        new BulkTask<Map.Entry<K, V>, Boolean>(entrySpliterator(), parallelismThreshold, (a, b) -> a) {
            @Override
            protected @Nullable Boolean take(Spliterator<Map.Entry<K, V>> part) {
                Consumer<Map.Entry<K, V>> ask = entry -> {
                    U given = function.apply(entry.getKey(), entry.getValue());
                    if (given != null) {
                        answer.compareAndSet(null, given);
                    }
                };
                while (answer.get() == null && part.tryAdvance(ask)) {
                    // the work is done in the condition
                }
                return null;
            }
        }.result();
        return answer.get();
    }

    @Override
    public <U> @Nullable U reduce(
            long parallelismThreshold,
            BiFunction<? super K, ? super V, ? extends @Nullable U> transformer,
            BiFunction<? super U, ? super U, ? extends U> reducer) {
        Objects.requireNonNull(transformer, "transformer");
        Objects.requireNonNull(reducer, "reducer");
        return new BulkTask<Map.Entry<K, V>, U>(entrySpliterator(), parallelismThreshold, reducer) {
            @Override
            protected @Nullable U take(Spliterator<Map.Entry<K, V>> part) {
                class Sum implements Consumer<Map.Entry<K, V>> {
                    @Nullable
                    U sum;

                    @Override
                    public void accept(Map.Entry<K, V> entry) {
                        U given = transformer.apply(entry.getKey(), entry.getValue());
                        sum = joined(sum, given);
                    }
                }
                Sum all = new Sum();
                part.forEachRemaining(all);
                return all.sum;
            }
        }.result();
    }

    @Override
    public long reduceToLong(
            long parallelismThreshold,
            ToLongBiFunction<? super K, ? super V> transformer,
            long basis,
            LongBinaryOperator reducer) {
        Objects.requireNonNull(transformer, "transformer");
        Objects.requireNonNull(reducer, "reducer");
        Long result =
                new BulkTask<Map.Entry<K, V>, Long>(entrySpliterator(), parallelismThreshold, reducer::applyAsLong) {
                    @Override
                    protected Long take(Spliterator<Map.Entry<K, V>> part) {
                        long[] sum = {basis};
                        part.forEachRemaining(entry -> sum[0] =
                                reducer.applyAsLong(sum[0], transformer.applyAsLong(entry.getKey(), entry.getValue())));
                        return sum[0];
                    }
                }.result();
        return result == null ? basis : result;
    }

    @Override
    public int reduceToInt(
            long parallelismThreshold,
            ToIntBiFunction<? super K, ? super V> transformer,
            int basis,
            IntBinaryOperator reducer) {
        Objects.requireNonNull(transformer, "transformer");
        Objects.requireNonNull(reducer, "reducer");
        Integer result =
                new BulkTask<Map.Entry<K, V>, Integer>(entrySpliterator(), parallelismThreshold, reducer::applyAsInt) {
                    @Override
                    protected Integer take(Spliterator<Map.Entry<K, V>> part) {
                        int[] sum = {basis};
                        part.forEachRemaining(entry -> sum[0] =
                                reducer.applyAsInt(sum[0], transformer.applyAsInt(entry.getKey(), entry.getValue())));
                        return sum[0];
                    }
                }.result();
        return result == null ? basis : result;
    }

    @Override
    public double reduceToDouble(
            long parallelismThreshold,
            ToDoubleBiFunction<? super K, ? super V> transformer,
            double basis,
            DoubleBinaryOperator reducer) {
        Objects.requireNonNull(transformer, "transformer");
        Objects.requireNonNull(reducer, "reducer");
        Double result = new BulkTask<Map.Entry<K, V>, Double>(
                entrySpliterator(), parallelismThreshold, reducer::applyAsDouble) {
            @Override
            protected Double take(Spliterator<Map.Entry<K, V>> part) {
                double[] sum = {basis};
                part.forEachRemaining(entry -> sum[0] =
                        reducer.applyAsDouble(sum[0], transformer.applyAsDouble(entry.getKey(), entry.getValue())));
                return sum[0];
            }
        }.result();
        return result == null ? basis : result;
    }

    @Override
    public Set<K> keySet() {
        return new KeySet();
    }

    @Override
    public Collection<V> values() {
        return new Values();
    }

    @Override
    public Set<Map.Entry<K, V>> entrySet() {
        return new EntrySet();
    }

    /** Equal to any map with equal entries; exact only when neither map is written meanwhile. */
    @Override
    public boolean equals(@Nullable Object other) {
        if (other == this) {
            return true;
        }
        if (!(other instanceof Map<?, ?> map)) {
            return false;
        }
        long count = 0;
        for (Iterator<Map.Entry<K, V>> entries = entryIterator(); entries.hasNext(); ) {
            Map.Entry<K, V> entry = entries.next();
            Object theirs;
            try {
                theirs = map.get(entry.getKey());
            } catch (ClassCastException | NullPointerException foreign) {
                return false;
            }
            if (theirs == null || !valuesEqual(theirs, entry.getValue())) {
                return false;
            }
            count++;
        }
        return count == (map instanceof ShardedMap<?, ?> sharded ? sharded.mappingCount() : map.size());
    }

    @Override
    public int hashCode() {
        int sum = 0;
        for (Iterator<Map.Entry<K, V>> entries = entryIterator(); entries.hasNext(); ) {
            sum += entries.next().hashCode();
        }
        return sum;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // this map within itself would never end
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        for (Iterator<Map.Entry<K, V>> entries = entryIterator(); entries.hasNext(); ) {
            Map.Entry<K, V> entry = entries.next();
            if (text.length() > 1) {
                text.append(", ");
            }
            K key = entry.getKey();
            V value = entry.getValue();
            text.append(key == this ? "(this map)" : key).append('=').append(value == this ? "(this map)" : value);
        }
        return text.append('}').toString();
    }

    /**
     * Iterates over the entries; {@code remove} removes the key last returned, whatever its value is by then.
     *
     * @return a new iterator
     */
    protected Iterator<Map.Entry<K, V>> entryIterator() {
        return new Cursor<>() {
            @Override
            Map.Entry<K, V> view(Map.Entry<K, V> entry) {
                return entry;
            }
        };
    }

    /**
     * Iterates over the keys, as {@link #entryIterator} does.
     *
     * @return a new iterator
     */
    protected Iterator<K> keyIterator() {
        return new Cursor<>() {
            @Override
            K view(Map.Entry<K, V> entry) {
                return entry.getKey();
            }
        };
    }

    /**
     * Iterates over the values, as {@link #entryIterator} does.
     *
     * @return a new iterator
     */
    protected Iterator<V> valueIterator() {
        return new Cursor<>() {
            @Override
            V view(Map.Entry<K, V> entry) {
                return entry.getValue();
            }
        };
    }

    /** One traversal, seen as entries, keys or values. */
    private abstract class Cursor<T> implements Iterator<T>, Consumer<Map.Entry<K, V>> {
        private final Spliterator<Map.Entry<K, V>> entries = entrySpliterator();
        private Map.@Nullable Entry<K, V> next;
        private Map.@Nullable Entry<K, V> last;

        abstract T view(Map.Entry<K, V> entry);

        @Override
        public void accept(Map.Entry<K, V> entry) {
            next = entry;
        }

        @Override
        public boolean hasNext() {
            return next != null || entries.tryAdvance(this);
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new java.util.NoSuchElementException();
            }
            Map.Entry<K, V> entry = Objects.requireNonNull(next);
            next = null;
            last = entry;
            return view(entry);
        }

        @Override
        public void remove() {
            if (last == null) {
                throw new IllegalStateException("remove: call next() first, and remove() once for each element");
            }
            AbstractShardedMap.this.remove(last.getKey());
            last = null;
        }

        @Override
        public void forEachRemaining(Consumer<? super T> action) {
            Objects.requireNonNull(action, "action");
            if (next != null) {
                action.accept(next());
            }
            entries.forEachRemaining(entry -> {
                last = entry;
                action.accept(view(entry));
            });
        }
    }

    /** One spliterator, seen as keys or values. */
    private abstract static class Mapped<E, T> implements Spliterator<T> {
        final Spliterator<E> source;
        private final int characteristics;

        Mapped(Spliterator<E> source, int characteristics) {
            this.source = source;
            this.characteristics = characteristics;
        }

        abstract T view(E element);

        abstract Mapped<E, T> over(Spliterator<E> part);

        @Override
        public boolean tryAdvance(Consumer<? super T> action) {
            Objects.requireNonNull(action, "action");
            return source.tryAdvance(element -> action.accept(view(element)));
        }

        @Override
        public void forEachRemaining(Consumer<? super T> action) {
            Objects.requireNonNull(action, "action");
            source.forEachRemaining(element -> action.accept(view(element)));
        }

        @Override
        public @Nullable Spliterator<T> trySplit() {
            Spliterator<E> part = source.trySplit();
            return part == null ? null : over(part);
        }

        @Override
        public long estimateSize() {
            return source.estimateSize();
        }

        @Override
        public int characteristics() {
            return characteristics;
        }
    }

    private static final class KeySpliterator<K, V> extends Mapped<Map.Entry<K, V>, K> {
        KeySpliterator(Spliterator<Map.Entry<K, V>> source) {
            super(source, CONCURRENT | DISTINCT | NONNULL);
        }

        @Override
        K view(Map.Entry<K, V> entry) {
            return entry.getKey();
        }

        @Override
        Mapped<Map.Entry<K, V>, K> over(Spliterator<Map.Entry<K, V>> part) {
            return new KeySpliterator<>(part);
        }
    }

    private static final class ValueSpliterator<K, V> extends Mapped<Map.Entry<K, V>, V> {
        ValueSpliterator(Spliterator<Map.Entry<K, V>> source) {
            super(source, CONCURRENT | NONNULL);
        }

        @Override
        V view(Map.Entry<K, V> entry) {
            return entry.getValue();
        }

        @Override
        Mapped<Map.Entry<K, V>, V> over(Spliterator<Map.Entry<K, V>> part) {
            return new ValueSpliterator<>(part);
        }
    }

    private final class KeySet extends AbstractSet<K> {
        @Override
        public int size() {
            return AbstractShardedMap.this.size();
        }

        @Override
        public boolean isEmpty() {
            return AbstractShardedMap.this.isEmpty();
        }

        @Override
        public boolean contains(Object key) {
            return containsKey(key);
        }

        @Override
        public boolean remove(Object key) {
            return AbstractShardedMap.this.remove(key) != null;
        }

        @Override
        public void clear() {
            AbstractShardedMap.this.clear();
        }

        @Override
        public boolean removeIf(Predicate<? super K> filter) {
            Objects.requireNonNull(filter, "filter");
            return AbstractShardedMap.this.removeIf((key, value) -> filter.test(key)) > 0;
        }

        @Override
        public boolean removeAll(Collection<?> keys) {
            return removeIf(keys::contains);
        }

        @Override
        public Iterator<K> iterator() {
            return keyIterator();
        }

        @Override
        public Spliterator<K> spliterator() {
            return new KeySpliterator<>(entrySpliterator());
        }

        @Override
        public void forEach(Consumer<? super K> action) {
            spliterator().forEachRemaining(action);
        }
    }

    private final class Values extends AbstractCollection<V> {
        @Override
        public int size() {
            return AbstractShardedMap.this.size();
        }

        @Override
        public boolean isEmpty() {
            return AbstractShardedMap.this.isEmpty();
        }

        @Override
        public boolean contains(Object value) {
            return containsValue(value);
        }

        @Override
        public boolean remove(@Nullable Object value) {
            if (value != null) {
                for (Iterator<V> values = iterator(); values.hasNext(); ) {
                    if (valuesEqual(value, values.next())) {
                        values.remove();
                        return true;
                    }
                }
            }
            return false;
        }

        @Override
        public void clear() {
            AbstractShardedMap.this.clear();
        }

        @Override
        public boolean removeIf(Predicate<? super V> filter) {
            Objects.requireNonNull(filter, "filter");
            return AbstractShardedMap.this.removeIf((key, value) -> filter.test(value)) > 0;
        }

        @Override
        public boolean removeAll(Collection<?> values) {
            return removeIf(values::contains);
        }

        @Override
        public Iterator<V> iterator() {
            return valueIterator();
        }

        @Override
        public Spliterator<V> spliterator() {
            return new ValueSpliterator<>(entrySpliterator());
        }

        @Override
        public void forEach(Consumer<? super V> action) {
            spliterator().forEachRemaining(action);
        }
    }

    private final class EntrySet extends AbstractSet<Map.Entry<K, V>> {
        @Override
        public int size() {
            return AbstractShardedMap.this.size();
        }

        @Override
        public boolean isEmpty() {
            return AbstractShardedMap.this.isEmpty();
        }

        @Override
        public boolean contains(@Nullable Object object) {
            return object instanceof Map.Entry<?, ?> entry
                    && entry.getKey() != null
                    && entry.getValue() != null
                    && valuesEqual(entry.getValue(), get(entry.getKey()));
        }

        @Override
        public boolean add(Map.Entry<K, V> entry) {
            throw new UnsupportedOperationException("entrySet().add: put the entry into the map instead");
        }

        @Override
        public boolean remove(@Nullable Object object) {
            return object instanceof Map.Entry<?, ?> entry
                    && entry.getKey() != null
                    && entry.getValue() != null
                    && AbstractShardedMap.this.remove(entry.getKey(), entry.getValue());
        }

        @Override
        public void clear() {
            AbstractShardedMap.this.clear();
        }

        @Override
        public boolean removeIf(Predicate<? super Map.Entry<K, V>> filter) {
            Objects.requireNonNull(filter, "filter");
            return AbstractShardedMap.this.removeIf(
                            (key, value) -> filter.test(new AbstractMap.SimpleImmutableEntry<>(key, value)))
                    > 0;
        }

        @Override
        public boolean removeAll(Collection<?> entries) {
            return removeIf(entries::contains);
        }

        @Override
        public Iterator<Map.Entry<K, V>> iterator() {
            return entryIterator();
        }

        @Override
        public Spliterator<Map.Entry<K, V>> spliterator() {
            return entrySpliterator();
        }

        @Override
        public void forEach(Consumer<? super Map.Entry<K, V>> action) {
            entrySpliterator().forEachRemaining(action);
        }
    }
}
