package io.faultline.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class ZeroPagesTest {
  @Test
  void oneByteAnywhereMakesAPageNonZero() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(4096, 8);
      assertThat(ZeroPages.isZero(page.address(), 4096)).isTrue();
      for (long at = 0; at < 4096; at++) {
        page.set(ValueLayout.JAVA_BYTE, at, (byte) 0x80);
        assertThat(ZeroPages.isZero(page.address(), 4096)).as("byte " + at).isFalse();
        page.set(ValueLayout.JAVA_BYTE, at, (byte) 0);
      }
    }
  }

  @Test
  void bytesOutsideTheRangeDoNotCount() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(192, 8);
      memory.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
      memory.set(ValueLayout.JAVA_BYTE, 128, (byte) 1);
      assertThat(ZeroPages.isZero(memory.address() + 64, 64)).isTrue();
    }
  }
}
