package io.sherd;

import java.util.List;

/**
 * Waiting for a key would never end: its holder waits for a key that waits, directly or through others, for a key of the
 * caller's.
 *
 * <p>The one who arrives last in such a cycle gets this exception, before it waits; whatever it held it still holds, and
 * nothing of the operation that threw has happened. Giving its keys back lets the others go on. Where all
 * take several keys by one {@code lockAll} only, or in a transaction, there are no such cycles.
 */
public final class KeyDeadlockException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** Not serialized: keys may be anything. */
    private final transient List<Object> keys;

    /** Who holds each of the keys; the last is the caller. */
    private final String[] owners;

    /**
     * Creates the exception.
     *
     * @param keys the keys in the order of waiting: the first is the one that was asked for; not empty
     * @param owners who holds each of them; the last is the caller
     */
    public KeyDeadlockException(List<?> keys, List<String> owners) {
        super(message(keys, owners));
        this.keys = List.copyOf(keys);
        this.owners = owners.toArray(new String[0]);
    }

    private static String message(List<?> keys, List<String> owners) {
        StringBuilder text =
                new StringBuilder("Waiting for key ").append(keys.get(0)).append(" would never end: ");
        for (int i = 0; i < keys.size(); i++) {
            text.append(i == 0 ? "" : ", which waits for ")
                    .append("key ")
                    .append(keys.get(i))
                    .append(i == keys.size() - 1 ? " is held by the caller, " : " is held by ")
                    .append(owners.get(i));
        }
        return text.append(". Take keys in one order everywhere, or all at once with lockAll")
                .toString();
    }

    /**
     * The keys of the cycle, in the order of waiting.
     *
     * @return an unmodifiable list: the first is the key that the caller asked for, the last one that it holds; empty after
     *     deserialization
     */
    public List<Object> keys() {
        return keys == null ? List.of() : keys;
    }

    /**
     * Who holds each of the {@link #keys}.
     *
     * @return an unmodifiable list, as long as that of the keys; the last is the caller
     */
    public List<String> owners() {
        return List.of(owners);
    }
}
