package io.sherd;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A snapshot of a heap map that was cut; none is written where an earlier one was handed out again. */
@Name("io.sherd.Snapshot")
@Label("Snapshot")
@Description("A snapshot of a heap map was cut at one instant")
@Category("Sherd")
@StackTrace(false)
final class SnapshotEvent extends Event {
    @Label("Writers Stood Aside")
    @Description("How long writers could not begin")
    @Timespan(Timespan.NANOSECONDS)
    long stoodAside;

    @Label("Shards")
    int shards;

    @Label("Keys in Doubt")
    @Description("Held keys whose values were looked for one by one")
    int doubts;
}
