/**
 * Recorded histories of transactions, and whether they are strictly serializable:
 * {@link io.sherd.testkit.history.SerializabilityChecker} judges, {@link io.sherd.testkit.history.HistoryRuns} makes them.
 */
@NullMarked
package io.sherd.testkit.history;

import org.jspecify.annotations.NullMarked;
