package io.sherd.spi;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers elements into an array. Not safe for use by several threads.
 *
 * <p>A large array lies in the old generation from the start, and under G1 each store of a young object into it costs a full fence. So
 * elements go into a small young array first and are copied in bulk, for which the collector is told once a piece: a list of a
 * million new objects takes about half of the time.
 *
 * @param <E> the elements
 */
public final class ArrayGatherer<E> implements Consumer<E> {
    private static final int PIECE = 1024;
    private static final int LARGEST = Integer.MAX_VALUE - 8;

    private final Object[] piece;
    private int inPiece;
    private Object[] gathered;
    private int count;

    /**
     * Begins with nothing.
     *
     * @param expected about how many elements will come; there may be fewer or more
     */
    public ArrayGatherer(long expected) {
        this.gathered = new Object[Math.clamp(expected, 0, LARGEST)];
        this.piece = new Object[Math.clamp(expected, 8, PIECE)];
    }

    /**
     * Adds an element at the end.
     *
     * @throws OutOfMemoryError if there are more than an array can have
     */
    @Override
    public void accept(E element) {
        Object[] piece = this.piece;
        if (inPiece == piece.length) {
            empty();
        }
        piece[inPiece++] = element;
    }

    private void empty() {
        if (gathered.length - count < inPiece) {
            if (count > LARGEST - inPiece) {
                throw new OutOfMemoryError("an array cannot have more than " + LARGEST + " elements");
            }
            int more = Math.max(inPiece, gathered.length >> 1);
            gathered = Arrays.copyOf(gathered, (int) Math.min(LARGEST, (long) gathered.length + more));
        }
        System.arraycopy(piece, 0, gathered, count, inPiece);
        count += inPiece;
        inPiece = 0;
    }

    /**
     * What was gathered, in order.
     *
     * @return an array that nobody else has, of exactly that length; nothing may be added afterwards
     */
    public Object[] toArray() {
        empty();
        return count == gathered.length ? gathered : Arrays.copyOf(gathered, count);
    }

    /**
     * What was gathered, as {@link java.util.Collection#toArray(Object[])} answers.
     *
     * @param <T> the components of the array
     * @param array what it goes into, if there is room
     * @return the array, or a new one of its class
     * @throws ArrayStoreException if an element is not of the class of the array's components
     */
    @SuppressWarnings({"unchecked", "NullAway"
    }) // the class of the array says so; the null behind the end is the contract of toArray
    public <T extends @Nullable Object> T[] toArray(T[] array) {
        empty();
        if (array.length < count) {
            return (T[]) Arrays.copyOf(gathered, count, array.getClass());
        }
        System.arraycopy(gathered, 0, array, 0, count);
        if (array.length > count) {
            array[count] = null;
        }
        return array;
    }
}
