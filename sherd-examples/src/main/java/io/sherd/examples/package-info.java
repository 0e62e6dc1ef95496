/** Examples: each class has a {@code main} that shows one use of a map and prints what it shows. */
@NullMarked
package io.sherd.examples;

import org.jspecify.annotations.NullMarked;
