/**
 * The disk map under the contract suites.
 */
@NullMarked
package io.sherd.disk.contract;

import org.jspecify.annotations.NullMarked;
