package io.sherd.testkit.history;

import io.sherd.testkit.history.Observed.Event;
import io.sherd.testkit.history.Observed.Outcome;
import io.sherd.testkit.history.Observed.Read;
import io.sherd.testkit.history.Observed.Write;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Notes what one thread does, one operation after the other. */
final class Recorder {
    private final String who;
    private final @Nullable Journal journal;
    private final List<Observed> all = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private String what = "";
    private long began;
    private boolean open;

    Recorder(String who) {
        this(who, null);
    }

    /** @param journal what is noted survives the process there, and is not kept here */
    Recorder(String who, @Nullable Journal journal) {
        this.who = who;
        this.journal = journal;
    }

    /** Whether there may be no room for another round. */
    boolean isNearlyFull() {
        return journal != null && journal.isNearlyFull();
    }

    List<Observed> all() {
        return all;
    }

    /** Begins an operation; one that is open was an attempt in vain. */
    void begin(String operation) {
        end(Outcome.ABORTED);
        what = operation;
        open = true;
        began = System.nanoTime();
        if (journal != null) {
            journal.begin(operation, began);
        }
    }

    /** Says before an operation what it will write, if the answer tells only afterwards whether it did. */
    void intend(int key, long version) {
        if (journal != null) {
            journal.intend(key, version);
        }
    }

    void read(int key, long version) {
        if (journal != null) {
            journal.read(key, version);
            return;
        }
        events.add(new Read(key, version));
    }

    void write(int key, long version) {
        if (journal != null) {
            journal.write(key, version);
            return;
        }
        events.add(new Write(key, version));
    }

    void end(Outcome outcome) {
        if (open && journal != null) {
            journal.end(outcome, System.nanoTime());
            open = false;
        }
        if (open) {
            all.add(new Observed(who + "#" + all.size() + " " + what, began, System.nanoTime(), events, outcome));
            events.clear();
            open = false;
        }
    }
}
