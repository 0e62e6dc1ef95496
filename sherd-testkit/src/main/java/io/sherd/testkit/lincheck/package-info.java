/**
 * Linearizability checks of maps with Lincheck: {@link io.sherd.testkit.lincheck.MapOperations} says what threads do,
 * {@link io.sherd.testkit.lincheck.LincheckRuns} how long.
 */
@NullMarked
package io.sherd.testkit.lincheck;

import org.jspecify.annotations.NullMarked;
