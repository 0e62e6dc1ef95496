/**
 * Sharded concurrent maps in memory-mapped files.
 */
@NullMarked
package io.sherd.disk;

import org.jspecify.annotations.NullMarked;
