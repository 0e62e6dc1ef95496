/**
 * The {@code sherd} command: import, look up, change, export and check maps on disk.
 *
 * <p>A map that {@code sherd import} makes has rows as values, and a file {@code sherd-cli.json} beside its own files that
 * says what the columns are. Maps that a program made with the codecs of {@link io.sherd.codec.Codecs} are read and written
 * too.
 */
@NullMarked
package io.sherd.cli;

import org.jspecify.annotations.NullMarked;
