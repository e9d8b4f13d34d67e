package io.faultline.uffd.linux.injection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ThreadChoiceTest {
  @Test
  void restartableCallIsBestAndUninterruptibleWaitIsWorst() {
    int ppoll = ThreadChoice.rank('S', "271 0x55 0x2 0x7f 0x0 0x8 0x1 0x7ffe 0x7f30\n");
    int inUserMode = ThreadChoice.rank('R', "running\n");
    int waitsForPage = ThreadChoice.rank('S', "-1 0x7ffe 0x7f30\n");
    int epoll = ThreadChoice.rank('S', "232 0x5 0x7f 0x1 0xffffffff 0x0 0x8 0x7ffe 0x7f30\n");
    int uninterruptible = ThreadChoice.rank('D', "0 0x3 0x7f 0x1 0x0 0x0 0x0 0x7ffe 0x7f30\n");
    int ended = ThreadChoice.rank('Z', "");
    assertThat(ppoll).isLessThan(inUserMode);
    assertThat(inUserMode).isEqualTo(waitsForPage).isLessThan(epoll);
    assertThat(epoll).isLessThan(uninterruptible);
    assertThat(uninterruptible).isLessThan(ended);
  }
}
