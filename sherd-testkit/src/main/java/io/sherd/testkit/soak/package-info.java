/**
 * The crash harness: a parent process that starts a writer, kills it at a random moment and checks what is left.
 *
 * <p>{@link io.sherd.testkit.soak.KillHarness} is the parent, {@link io.sherd.testkit.soak.KillChild} the writer. A store
 * takes part through {@link io.sherd.testkit.soak.StoreUnderTest} and {@link io.sherd.testkit.soak.StoreFactory}.
 */
@NullMarked
package io.sherd.testkit.soak;

import org.jspecify.annotations.NullMarked;
