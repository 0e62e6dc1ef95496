package io.sherd.testkit.history;

import io.sherd.testkit.history.Observed.Event;
import io.sherd.testkit.history.Observed.Outcome;
import io.sherd.testkit.history.Observed.Read;
import io.sherd.testkit.history.Observed.Write;
import java.util.ArrayList;
import java.util.List;

/** Notes what one thread does, one operation after the other. */
final class Recorder {
    private final String who;
    private final List<Observed> all = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private String what = "";
    private long began;
    private boolean open;

    Recorder(String who) {
        this.who = who;
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
    }

    void read(int key, long version) {
        events.add(new Read(key, version));
    }

    void write(int key, long version) {
        events.add(new Write(key, version));
    }

    void end(Outcome outcome) {
        if (open) {
            all.add(new Observed(who + "#" + all.size() + " " + what, began, System.nanoTime(), events, outcome));
            events.clear();
            open = false;
        }
    }
}
