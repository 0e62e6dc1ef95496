package io.sherd;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** Says in a flight recording that a map has got another number of shards, and why. */
@Name("io.sherd.Rebalance")
@Label("Rebalance")
@Category("Sherd")
@Description("A map has got another number of shards")
@StackTrace(false)
final class RebalanceEvent extends Event {
    @Label("Shards before")
    int from;

    @Label("Shards afterwards")
    int to;

    @Label("Shards moved")
    long movedShards;

    @Label("Entries moved")
    long movedEntries;

    @Label("Longest Pause")
    @Description("How long writers of some keys had to wait")
    @Timespan(Timespan.NANOSECONDS)
    long longestPause;

    @Label("Reason")
    String reason = "";

    @Label("State")
    @Description("How it ended")
    String state = "";
}
