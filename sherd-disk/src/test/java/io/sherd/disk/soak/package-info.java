/** Long proofs of the disk map, each a name of {@code ./soak}; and the short form of each, which runs with the tests. */
@NullMarked
package io.sherd.disk.soak;

import org.jspecify.annotations.NullMarked;
