package io.sherd.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;

/** One open file of a {@link Storage}. Used by threads of the map only, which nobody interrupts. */
interface BlockFile extends AutoCloseable {

    /** The length in bytes. */
    long size() throws IOException;

    /** Writes all remaining bytes of a buffer at a position. */
    void write(ByteBuffer source, long position) throws IOException;

    /** Fills a buffer from a position; fewer bytes at the end of the file only. */
    void read(ByteBuffer target, long position) throws IOException;

    /** Makes the file at least so long, without giving it space. */
    void extend(long size) throws IOException;

    /** Maps a part of the file, until the segment is unreachable. */
    MemorySegment map(FileChannel.MapMode mode, long offset, long length) throws IOException;

    /** Maps the beginning of a file, until the buffer is unreachable; its order is little-endian. */
    MappedByteBuffer buffer(FileChannel.MapMode mode, int length) throws IOException;

    /** Returns when the content is safe from a loss of power. */
    void force() throws IOException;

    @Override
    void close() throws IOException;
}
