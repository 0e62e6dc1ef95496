/** Sharded maps as JSON: register {@link io.sherd.jackson.SherdModule} with an {@code ObjectMapper}. */
@NullMarked
package io.sherd.jackson;

import org.jspecify.annotations.NullMarked;
