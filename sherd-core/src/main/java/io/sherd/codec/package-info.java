/**
 * Codecs between objects and the bytes of a {@link java.lang.foreign.MemorySegment}.
 */
@NullMarked
package io.sherd.codec;

import org.jspecify.annotations.NullMarked;
