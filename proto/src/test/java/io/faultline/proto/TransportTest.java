package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class TransportTest {
  @Test
  void onlyWhatTheNetworkDidIsALostConnection() {
    assertThat(Transport.whyGone("the line", new IOException("reset")))
        .isEqualTo("the line was lost: reset");
    assertThat(Transport.whyGone("the line", new WireException("an unexpected RUN")))
        .isEqualTo("an unexpected RUN");
    assertThat(Transport.whyGone("the line", new ArithmeticException("by zero")))
        .contains("ArithmeticException", "by zero");
  }

  @Test
  void reasonLeavesOutTheCallAndItsNumber() {
    String message = "recvAddress(..) failed with error(-104): Connection reset by peer";
    assertThat(Transport.reason(new IOException(message))).isEqualTo("Connection reset by peer");
  }

  @Test
  void reasonKeepsOtherMessagesAsTheyAre() {
    assertThat(Transport.reason(new IOException("Broken pipe"))).isEqualTo("Broken pipe");
  }
}
