package io.faultline.cli.bench.paging;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResidentMemoryTest {
  @Test
  void registeredMappingsCountAndOthersDoNot() {
    String smaps =
        """
        7f0000000000-7f0000400000 rw-p 00000000 00:00 0
        Size:               4096 kB
        Rss:                 100 kB
        VmFlags: rd wr mr mw me nr sd um uw nh
        7f0000400000-7f0000500000 rw-p 00000000 00:00 0
        Rss:                 999 kB
        VmFlags: rd wr mr mw me ac sd
        7f0000500000-7f0000600000 rw-p 00000000 00:00 0
        Rss:                  28 kB
        VmFlags: rd wr mr mw me nr dc um nh
        """;
    assertThat(ResidentMemory.registeredBytes(smaps)).isEqualTo(128 << 10);
  }
}
