package io.faultline.restore.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DumpLayoutTest {
  private static final long HIGH = 0x7fff_ffff_0000L;

  private final DumpLayout layout =
      new DumpLayout(5, new long[] {0x1000, 0x3000, HIGH}, new long[] {1, 3, 2});

  @Test
  void numbersPagesInTheOrderOfAddresses() {
    assertThat(layout.pageCount()).isEqualTo(6);
    long[] addresses = {0x1000, 0x3000, 0x4000, 0x5000, HIGH, HIGH + 0x1000};
    for (int page = 0; page < addresses.length; page++) {
      assertThat(layout.addressOf(page)).isEqualTo(addresses[page]);
      assertThat(layout.pageAt(addresses[page])).isEqualTo(page);
      assertThat(layout.pageAt(addresses[page] + 0xfff)).isEqualTo(page);
    }
  }

  @Test
  void knowsWhatIsNotLazy() {
    for (long address : new long[] {0, 0xfff, 0x2000, 0x6000, HIGH - 1, HIGH + 0x2000}) {
      assertThat(layout.pageAt(address)).isEqualTo(-1);
    }
  }

  @Test
  void extentsEndBeforeTheNext() {
    assertThat(layout.extentEnd(0)).isEqualTo(1);
    assertThat(layout.extentEnd(1)).isEqualTo(4);
    assertThat(layout.extentEnd(3)).isEqualTo(4);
    assertThat(layout.extentEnd(5)).isEqualTo(6);
    assertThat(layout.endOf(1)).isEqualTo(0x6000);
  }

  @Test
  void extentsMayTouchAndMustNotOverlap() {
    new DumpLayout(1, new long[] {0x1000, 0x2000}, new long[] {1, 1});
    assertThatThrownBy(() -> new DumpLayout(1, new long[] {0x1000, 0x2000}, new long[] {2, 1}))
        .hasMessageContaining("extent 1: 1 pages at 0x2000");
    assertThatThrownBy(() -> new DumpLayout(1, new long[] {0x1000}, new long[] {0}))
        .hasMessageContaining("extent 0");
  }

  @Test
  void mayBeEmpty() {
    DumpLayout empty = new DumpLayout(1, new long[0], new long[0]);
    assertThat(empty.pageCount()).isZero();
    assertThat(empty.pageAt(0x1000)).isEqualTo(-1);
  }
}
