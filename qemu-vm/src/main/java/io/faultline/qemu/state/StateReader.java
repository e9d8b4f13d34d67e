package io.faultline.qemu.state;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.faultline.qemu.qmp.SideStream;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.process.DescriptorConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what one QEMU writes, and passes it on, while this thread waits at its monitor. Used by one
 * thread.
 */
final class StateReader implements SideStream, AutoCloseable {
  /** More than this is no device state: RAM was not left out. */
  static final int MAX_BYTES = 64 << 20;

  /** A part that is passed on: so short that the next one is read while it travels. */
  private static final int PIECE_BYTES = 32 << 10;

  private static final int USUAL_BYTES = 256 << 10;

  private final DescriptorConnection connection;
  private final StatePartSink sink;
  private final MemorySegment piece = Arena.ofAuto().allocate(PIECE_BYTES);
  private final byte[] copied = new byte[PIECE_BYTES];
  private final ByteArrayOutputStream all = new ByteArrayOutputStream(USUAL_BYTES);
  private boolean ended;

  StateReader(DescriptorConnection connection, StatePartSink sink) {
    this.connection = connection;
    this.sink = sink;
  }

  @Override
  public @Nullable DescriptorConnection open() {
    return ended ? null : connection;
  }

  @Override
  public void read() throws IOException {
    while (!ended) {
      int count = readPiece();
      if (count == DescriptorConnection.WOULD_BLOCK) {
        return;
      }
      ended = count == DescriptorConnection.END;
      if (!ended) {
        keep(count);
      }
    }
  }

  private void keep(int count) throws IOException {
    MemorySegment.copy(piece, JAVA_BYTE, 0, copied, 0, count);
    all.write(copied, 0, count);
    if (all.size() > MAX_BYTES) {
      throw new IOException(
          "QEMU sends more than "
              + (MAX_BYTES >> 20)
              + " MiB of device state: is its RAM in a file with share=on?");
    }
    sink.part(copied, count);
  }

  private int readPiece() throws IOException {
    try {
      return connection.read(piece.address(), PIECE_BYTES);
    } catch (SystemCallException e) {
      throw new IOException("cannot read QEMU's device state: " + e.getMessage(), e);
    }
  }

  /** What has been read. */
  byte[] bytes() {
    return all.toByteArray();
  }

  @Override
  public void close() {
    connection.close();
  }
}
