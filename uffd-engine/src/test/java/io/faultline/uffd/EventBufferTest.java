package io.faultline.uffd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class EventBufferTest {
  private final EventBuffer buffer = new EventBuffer(5);

  @Test
  void eachTypeOfEventHasItsFields() {
    buffer.add(EventType.PAGE_FAULT, 0x7000, EventBuffer.FLAG_WRITE, 42);
    buffer.add(EventType.FORK, 9, 0, 0);
    buffer.add(EventType.REMAP, 0x1000, 0x2000, 4096);
    buffer.add(EventType.REMOVE, 0x3000, 0x4000, 0);
    buffer.add(EventType.UNMAP, 0x5000, 0x6000, 0);

    assertThat(buffer.size()).isEqualTo(5);
    assertThat(buffer.type(0)).isEqualTo(EventType.PAGE_FAULT);
    assertThat(buffer.address(0)).isEqualTo(0x7000);
    assertThat(buffer.flags(0)).isEqualTo(EventBuffer.FLAG_WRITE);
    assertThat(buffer.threadId(0)).isEqualTo(42);
    assertThat(buffer.forkedDescriptor(1)).isEqualTo(9);
    assertThat(buffer.remapFrom(2)).isEqualTo(0x1000);
    assertThat(buffer.remapTo(2)).isEqualTo(0x2000);
    assertThat(buffer.remapLength(2)).isEqualTo(4096);
    assertThat(buffer.rangeStart(3)).isEqualTo(0x3000);
    assertThat(buffer.rangeEnd(4)).isEqualTo(0x6000);
  }

  @Test
  void fieldOfAnotherTypeIsRefused() {
    buffer.add(EventType.UNMAP, 0x5000, 0x6000, 0);
    buffer.add(EventType.FORK, 9, 0, 0);

    assertThatThrownBy(() -> buffer.address(0)).hasMessageContaining("UNMAP, not PAGE_FAULT");
    assertThatThrownBy(() -> buffer.rangeStart(1)).hasMessageContaining("FORK, which has no range");
  }

  @Test
  void indexAfterTheLastEventIsRefused() {
    buffer.add(EventType.FORK, 9, 0, 0);
    buffer.clear();

    assertThatThrownBy(() -> buffer.type(0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> buffer.type(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void fullBufferRefusesEvents() {
    for (int i = 0; i < buffer.capacity(); i++) {
      buffer.add(EventType.FORK, i, 0, 0);
    }
    assertThatThrownBy(() -> buffer.add(EventType.FORK, 6, 0, 0))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void invalidCapacityIsRefused() {
    assertThatThrownBy(() -> new EventBuffer(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new EventBuffer(4097)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void unknownEventCodeIsRefused() {
    assertThatThrownBy(() -> EventType.ofCode(0x17)).hasMessageContaining("0x17");
    assertThatThrownBy(() -> EventType.ofCode(0x11)).hasMessageContaining("0x11");
    for (EventType type : EventType.values()) {
      assertThat(EventType.ofCode(type.code())).isEqualTo(type);
    }
  }
}
