/**
 * Deadlock storms: holders of keys in random orders, of whom everyone must come to an end. {@link io.sherd.testkit.storm.StormRuns}
 * is where they start.
 */
@NullMarked
package io.sherd.testkit.storm;

import org.jspecify.annotations.NullMarked;
