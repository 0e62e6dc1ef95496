/**
 * jcstress tests of the heap map: what a thread sees of another's writes, on the memory model and not only in some
 * interleaving. Each class is one question, its outcomes the answer.
 */
@NullMarked
package io.sherd.stress;

import org.jspecify.annotations.NullMarked;
