package io.sherd.stress;

import java.util.Optional;

/**
 * A number as an object. One that looks for its equal can do something first: a reader that has found a place, and has not read
 * the value yet, is held there.
 */
final class ActingKey {
    private final int number;
    private Optional<Runnable> action;

    ActingKey(int number) {
        this.number = number;
        this.action = Optional.empty();
    }

    ActingKey(int number, Runnable action) {
        this.number = number;
        this.action = Optional.of(action);
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof ActingKey that) || number != that.number) {
            return false;
        }
        if (action.isPresent()) { // the actors share keys that do nothing: no write to those
            Runnable once = action.get();
            action = Optional.empty();
            once.run();
        }
        return true;
    }

    @Override
    public int hashCode() {
        return number;
    }
}
