/**
 * What the maps of this project share and users do not see: exported to the modules of Sherd only.
 */
@NullMarked
package io.sherd.spi;

import org.jspecify.annotations.NullMarked;
