package io.faultline.qemu.state;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.linux.process.DescriptorConnection;
import io.faultline.uffd.linux.process.DescriptorPair;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
final class StateWriterTest {
  private static final int READ_BYTES = 64 << 10;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final DescriptorPair ends = DescriptorPair.open();
  private final StateWriter writer = new StateWriter(ends.one());
  private final ByteArrayOutputStream read = new ByteArrayOutputStream();

  @AfterEach
  void close() {
    ends.close();
  }

  /** The parts are longer than the buffer, and all of them than what a socket takes. */
  @Test
  void partsArriveInOrderHoweverTheSocketTakesThem() throws Exception {
    byte[] state = new byte[3 << 20];
    for (int i = 0; i < state.length; i++) {
      state[i] = (byte) ((i * 31) >>> 7);
    }
    int[] lengths = {1, 100, 32 << 10, (32 << 10) + 1, 0, 1 << 20, 7, 500_000};
    int at = 0;
    for (int part = 0; at < state.length; part++) {
      int end = Math.min(state.length, at + lengths[part % lengths.length]);
      writer.write(Arrays.copyOfRange(state, at, end));
      at = end;
      if (part % 3 == 0) {
        readSome();
      }
    }
    assertThat(writer.isWritten()).as("more than a socket takes").isFalse();
    while (!writer.isWritten()) {
      readSome();
      writer.write(new byte[0]);
    }
    writer.writeAll(LIMIT);
    writer.close();
    while (readSome() >= 0) {
      // the rest
    }
    assertThat(read.toByteArray()).isEqualTo(state);
  }

  @Test
  void stateForAPeerThatHasClosedCountsAsWritten() throws Exception {
    ends.other().close();
    writer.write(new byte[READ_BYTES]);
    assertThat(writer.isWritten()).isTrue();
  }

  /** Returns the number of bytes, or -1 at the end. */
  private int readSome() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(READ_BYTES);
      int count = ends.other().read(bytes.address(), READ_BYTES);
      if (count > 0) {
        read.writeBytes(bytes.asSlice(0, count).toArray(JAVA_BYTE));
      }
      return count == DescriptorConnection.END ? -1 : count;
    }
  }
}
